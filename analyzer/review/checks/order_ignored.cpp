// docs/review/order-ignored.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// Functions that take back what another one preserved, by the table.
std::set<std::string> undoing(const Table& table) {
  std::set<std::string> names;
  for (const auto& [name, api] : table.functions) names.insert(api.undo.begin(), api.undo.end());
  return names;
}

const clang::FieldDecl* order_of(const Unit& unit, const clang::RecordDecl* record) {
  for (const clang::FieldDecl* field : record->fields()) {
    if (unit.table.is_member("order", field->getName())) return field;
  }
  return nullptr;
}

void run(const Unit& unit, Reporter& reporter) {
  const std::set<std::string> undo = undoing(unit.table);
  for (const auto& one : unit.functions) {
    std::map<const clang::RecordDecl*, const clang::FieldDecl*> orders;
    std::set<const clang::FieldDecl*> read;
    for (const clang::Stmt* statement : one->statements) {
      const auto* member = dyn_cast<clang::MemberExpr>(statement);
      const auto* field = member == nullptr ? nullptr : dyn_cast<clang::FieldDecl>(member->getMemberDecl());
      if (field == nullptr || !unit.is_serialized(field)) continue;
      read.insert(field);
      if (const clang::FieldDecl* order = order_of(unit, field->getParent()))
        orders[field->getParent()] = order;
    }
    for (const auto& [record, order] : orders) {
      if (read.contains(order)) continue;
      // Who gets the whole record may look at it.
      bool given = false;
      const clang::CallExpr* taken_back = nullptr;
      for (const clang::CallExpr* call : one->calls) {
        if (undo.contains(unit.callee(call)) && taken_back == nullptr) taken_back = call;
        for (const clang::Expr* argument : call->arguments())
          given = given || pointed_record(argument->getType()) == record;
      }
      if (taken_back == nullptr || given) continue;
      reporter.at(*one, taken_back, unit.name_of(order),
                  fmt::format("'{}' describes blocks of order '{}', but this function unpreserves them "
                              "without reading the order: parts of larger blocks stay preserved",
                              record->getNameAsString(), unit.name_of(order)));
    }
  }
}

}  // namespace

const Check order_ignored_check = {
    "order-ignored", "memory of a record is unpreserved without reading the order of its blocks", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
