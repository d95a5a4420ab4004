// docs/review/records-moved.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "review/checks.h"

namespace khover::review {
namespace {

// The record that the expression, before its conversion to void *, points to.
const clang::RecordDecl* moved_record(const clang::Expr* argument) {
  return pointed_record(bare(argument)->getType());
}

void run(const Unit& unit, Reporter& reporter) {
  // Members of running objects that point into a record's array.
  std::map<const clang::RecordDecl*, const clang::FieldDecl*> kept;
  for (const auto& one : unit.functions) {
    for (const Assigned& assigned : assignments_of(*one)) {
      const clang::FieldDecl* field = assigned.left == nullptr ? nullptr : member_of(assigned.left);
      if (field == nullptr || unit.is_serialized(field)) continue;
      const clang::RecordDecl* record = pointed_record(field->getType());
      if (record != nullptr && unit.is_serialized(record)) kept.emplace(record, field);
    }
  }
  for (const auto& one : unit.functions) {
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* argument = unit.argument(call, Role::moves);
      if (argument == nullptr) continue;
      const clang::RecordDecl* record = moved_record(argument);
      const auto pointer = kept.find(record);
      if (record == nullptr || pointer == kept.end()) continue;
      reporter.at(*one, call, record->getNameAsString(),
                  fmt::format("'{}' moves records of type '{}' while '{}' points to one: afterwards it "
                              "points to another record",
                              unit.callee(call), record->getNameAsString(), unit.name_of(pointer->second)));
    }
  }
}

}  // namespace

const Check records_moved_check = {"records-moved",
                                   "records are moved in their array while objects point to them", "0.1",
                                   findings::Severity::error, run};

}  // namespace khover::review
