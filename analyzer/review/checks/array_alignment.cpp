// docs/review/array-alignment.md
#include <clang/AST/Attr.h>
#include <clang/AST/DeclCXX.h>
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;
using clang::dyn_cast_or_null;

// What its scalars would need, were nothing packed. Bytes.
uint64_t natural_alignment(const clang::RecordDecl* record, const clang::ASTContext& context) {
  uint64_t most = 1;
  for (const clang::FieldDecl* field : record->fields()) {
    const clang::QualType type = context.getBaseElementType(field->getType());
    if (const auto* nested = type->getAsRecordDecl()) {
      if (nested->isCompleteDefinition()) most = std::max(most, natural_alignment(nested, context));
    } else if (type->isScalarType() && !field->isBitField()) {
      most = std::max<uint64_t>(most, static_cast<uint64_t>(context.getTypeSizeInChars(type).getQuantity()));
    }
  }
  return most;
}

void find_sizes(const clang::Stmt* below, std::set<const clang::TagDecl*>& records) {
  if (below == nullptr) return;
  if (const auto* one = dyn_cast<clang::UnaryExprOrTypeTraitExpr>(below)) {
    if (const auto* record = one->getTypeOfArgument()->getAsRecordDecl())
      records.insert(record->getCanonicalDecl());
  }
  for (const clang::Stmt* child : below->children()) find_sizes(child, records);
}

// Records whose size or alignment is in an assertion that the compiler decides: here, or in a header.
std::set<const clang::TagDecl*> asserted(const Unit& unit) {
  std::set<const clang::TagDecl*> records;
  for (const clang::Decl* declaration : unit.context.getTranslationUnitDecl()->decls()) {
    if (const auto* one = dyn_cast<clang::StaticAssertDecl>(declaration))
      find_sizes(one->getAssertExpr(), records);
  }
  for (const auto& function : unit.functions) {
    for (const clang::Stmt* statement : function->statements) {
      if (const auto* declarations = dyn_cast<clang::DeclStmt>(statement)) {
        for (const clang::Decl* part : declarations->decls()) {
          if (const auto* one = dyn_cast<clang::StaticAssertDecl>(part))
            find_sizes(one->getAssertExpr(), records);
        }
      } else if (isa<clang::UnaryExprOrTypeTraitExpr>(statement) &&
                 unit.macros_of(statement->getBeginLoc()).contains("BUILD_BUG_ON")) {
        find_sizes(statement, records);
      }
    }
  }
  return records;
}

// The record that a statement steps through an array of.
const clang::RecordDecl* stepped(const clang::Stmt* statement, const clang::ASTContext& context) {
  if (const auto* subscript = dyn_cast<clang::ArraySubscriptExpr>(statement))
    return subscript->getType()->getAsRecordDecl();
  if (const auto* step = dyn_cast<clang::UnaryOperator>(statement))
    return step->isIncrementDecrementOp() ? pointed_record(step->getType()) : nullptr;
  const auto* sum = dyn_cast<clang::BinaryOperator>(statement);
  if (sum == nullptr || (sum->getOpcode() != clang::BO_Add && sum->getOpcode() != clang::BO_AddAssign))
    return nullptr;
  // header + 1 is what is after the header, not another one.
  if (constant_of(sum->getRHS(), context)) return nullptr;
  return pointed_record(sum->getType());
}

void run(const Unit& unit, Reporter& reporter) {
  const std::set<const clang::TagDecl*> held = asserted(unit);
  std::set<const clang::TagDecl*> told;
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      const clang::RecordDecl* record = stepped(statement, unit.context);
      if (record == nullptr || !record->isCompleteDefinition() || !unit.is_serialized(record)) continue;
      const clang::QualType type = unit.context.getRecordType(record);
      const uint64_t natural = natural_alignment(record, unit.context);
      const uint64_t size = static_cast<uint64_t>(unit.context.getTypeSizeInChars(type).getQuantity());
      // The compiler itself sees to records that are not packed.
      if (static_cast<uint64_t>(unit.context.getTypeAlignInChars(type).getQuantity()) >= natural) continue;
      if (size % natural == 0 && held.contains(record->getCanonicalDecl())) continue;
      if (!told.insert(record->getCanonicalDecl()).second) continue;
      const std::string name = record->getNameAsString();
      if (size % natural != 0) {
        reporter.at(*one, statement, name,
                    fmt::format("'{}' has {} bytes and members of {} bytes: in this array they are unaligned "
                                "in some elements",
                                name, size, natural));
        continue;
      }
      reporter
          .at(*one, statement, name,
              fmt::format("array of '{}', which is packed and has members of {} bytes: no static_assert "
                          "keeps its size ({} bytes) a multiple of {}",
                          name, natural, size, natural))
          .severity = findings::Severity::note;
    }
  }
}

}  // namespace

const Check array_alignment_check = {
    "array-alignment", "an array of packed records has elements whose alignment is not asserted", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
