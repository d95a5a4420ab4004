// docs/review/truncated-value.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// What a value can be, in bits, before any conversion.
uint64_t width_of(const Unit& unit, const clang::Expr* value) {
  if (const clang::FieldDecl* field = member_of(value); field != nullptr && field->isBitField()) {
    return field->getBitWidthValue(unit.context);
  }
  return unit.context.getTypeSize(value->getType());
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      const auto* assignment = dyn_cast<clang::BinaryOperator>(statement);
      if (assignment == nullptr || assignment->getOpcode() != clang::BO_Assign) continue;
      const clang::FieldDecl* field = member_of(assignment->getLHS());
      if (!unit.is_serialized(field) || field->isBitField() || !field->getType()->isIntegerType()) continue;
      // Only what is simply there: a variable, a member, the result of a call. A conversion that somebody
      // wrote, a mask or a quotient was thought about.
      const clang::Expr* value = assignment->getRHS()->IgnoreParenImpCasts();
      if (!llvm::isa<clang::DeclRefExpr>(value) && !llvm::isa<clang::MemberExpr>(value)) continue;
      if (!value->getType()->isIntegerType() || value->getType()->isEnumeralType() ||
          value->getType()->isBooleanType())
        continue;
      if (constant_of(value, unit.context)) continue;
      const uint64_t from = width_of(unit, value);
      const uint64_t to = unit.context.getTypeSize(field->getType());
      if (from <= to || from < 64) continue;
      reporter.at(*one, assignment, unit.name_of(field),
                  fmt::format("'{}' has {} bits and '{}' has {}: the upper bits are lost", unit.text(value),
                              from, unit.name_of(field), to));
    }
    // What is narrower through a call: an int of the kernel into fewer bits.
    for (const clang::Stmt* statement : one->statements) {
      const auto* assignment = dyn_cast<clang::BinaryOperator>(statement);
      if (assignment == nullptr || assignment->getOpcode() != clang::BO_Assign) continue;
      const clang::FieldDecl* field = member_of(assignment->getLHS());
      if (!unit.is_serialized(field) || field->isBitField() || !field->getType()->isIntegerType()) continue;
      const auto* call = dyn_cast<clang::CallExpr>(assignment->getRHS()->IgnoreParenImpCasts());
      if (call == nullptr || !call->getType()->isIntegerType() || call->getType()->isBooleanType()) continue;
      const uint64_t from = unit.context.getTypeSize(call->getType());
      const uint64_t to = unit.context.getTypeSize(field->getType());
      if (from <= to) continue;
      reporter.at(*one, assignment, unit.name_of(field),
                  fmt::format("'{}()' returns {} bits and '{}' has {}: the value is silently truncated",
                              unit.callee(call), from, unit.name_of(field), to));
    }
  }
}

}  // namespace

const Check truncated_value_check = {"truncated-value", "a value is truncated when it is stored in a record",
                                     "0.1", findings::Severity::warning, run};

}  // namespace khover::review
