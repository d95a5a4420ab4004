// docs/review/version-not-written.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// Where a member is written, or passed to a function that may.
std::set<const clang::FieldDecl*> written_members(const Unit& unit) {
  std::set<const clang::FieldDecl*> written;
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      if (const auto* assignment = dyn_cast<clang::BinaryOperator>(statement)) {
        if (assignment->isAssignmentOp()) {
          if (const clang::FieldDecl* field = member_of(assignment->getLHS())) written.insert(field);
        }
      } else if (const auto* call = dyn_cast<clang::CallExpr>(statement)) {
        for (const clang::Expr* argument : call->arguments()) {
          const clang::Expr* core = bare(argument);
          const auto* address = dyn_cast_or_null<clang::UnaryOperator>(core);
          if (address != nullptr && address->getOpcode() == clang::UO_AddrOf)
            core = bare(address->getSubExpr());
          if (const clang::FieldDecl* field = member_of(core)) written.insert(field);
        }
      } else if (const auto* list = dyn_cast<clang::InitListExpr>(statement)) {
        const auto* type = list->getType()->getAs<clang::RecordType>();
        if (type == nullptr) continue;
        for (const clang::FieldDecl* field : type->getDecl()->fields()) written.insert(field);
      }
    }
  }
  return written;
}

// The record leaves the unit as a whole: copied, or given to a function that is not here.
bool is_filled_elsewhere(const Unit& unit, const clang::RecordDecl* record) {
  for (const auto& one : unit.functions) {
    for (const clang::CallExpr* call : one->calls) {
      const clang::FunctionDecl* target = call->getDirectCallee();
      const Api* api = unit.api(call);
      if (unit.function(target) != nullptr || (api != nullptr && api->kernel != Kernel::unknown)) continue;
      if (api != nullptr && (api->has(Role::physical_of) || api->has(Role::frees))) continue;
      const std::string name = unit.callee(call);
      if (unit.table.error_questions.contains(name) || unit.table.error_values.contains(name)) continue;
      for (const clang::Expr* argument : call->arguments()) {
        const clang::Expr* core = bare(argument);
        if (core != nullptr && pointed_record(core->getType()) == record) return true;
      }
    }
    for (const clang::Stmt* statement : one->statements) {
      const auto* assignment = dyn_cast<clang::BinaryOperator>(statement);
      if (assignment == nullptr || assignment->getOpcode() != clang::BO_Assign) continue;
      const auto* type = assignment->getLHS()->getType()->getAs<clang::RecordType>();
      if (type != nullptr && type->getDecl()->getDefinition() == record) return true;  // *record = …
    }
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  const std::set<const clang::FieldDecl*> written = written_members(unit);
  std::set<const clang::RecordDecl*> done;
  for (const auto& one : unit.functions) {
    for (const clang::CallExpr* call : one->calls) {
      const Api* api = unit.api(call);
      // Memory for an image, just allocated.
      if (api == nullptr || api->kernel != Kernel::outgoing || !call->getType()->isPointerType()) continue;
      const clang::Stmt* above = one->meaningful_parent(call);
      clang::QualType type;
      if (const auto* assignment = dyn_cast_or_null<clang::BinaryOperator>(above)) {
        type = assignment->getLHS()->getType();
      } else if (const auto* declaration = dyn_cast_or_null<clang::DeclStmt>(above)) {
        if (const auto* variable = dyn_cast<clang::VarDecl>(*declaration->decl_begin()))
          type = variable->getType();
      }
      const clang::RecordDecl* record = type.isNull() ? nullptr : pointed_record(type);
      if (record == nullptr || !unit.is_serialized(record) || !done.insert(record).second) continue;
      bool any_written = false;
      for (const clang::FieldDecl* field : record->fields())
        any_written = any_written || written.contains(field);
      if (!any_written || is_filled_elsewhere(unit, record)) continue;
      for (const clang::FieldDecl* field : record->fields()) {
        if (!unit.table.is_member("version", field->getName()) || written.contains(field)) continue;
        reporter.at(*one, call, unit.name_of(field),
                    fmt::format("a '{}' is created here, but '{}' is never written: its reader finds 0 there",
                                record->getNameAsString(), unit.name_of(field)));
      }
    }
  }
}

}  // namespace

const Check version_not_written_check = {"version-not-written",
                                         "a version, type or compatible string of a new record is never set",
                                         "0.1",
                                         findings::Severity::warning,
                                         run,
                                         Sees::file};

}  // namespace khover::review
