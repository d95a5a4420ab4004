// docs/review/reserved-ignored.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

void run(const Unit& unit, Reporter& reporter) {
  // Members that are read by the next kernel, and the first place of each record.
  std::set<const clang::FieldDecl*> seen;
  std::map<const clang::RecordDecl*, std::pair<const Function*, const clang::MemberExpr*>> records;
  std::set<const clang::RecordDecl*> whole;
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      const auto* member = dyn_cast<clang::MemberExpr>(statement);
      const auto* field = member == nullptr ? nullptr : dyn_cast<clang::FieldDecl>(member->getMemberDecl());
      if (!unit.is_serialized(field)) continue;
      if (one->kernel != Kernel::outgoing) seen.insert(field);
      const auto* assignment = dyn_cast_or_null<clang::BinaryOperator>(one->meaningful_parent(member));
      const bool written = assignment != nullptr && assignment->isAssignmentOp() &&
                           one->is_inside(member, assignment->getLHS());
      if (one->kernel == Kernel::incoming && !written)
        records.try_emplace(field->getParent(), one.get(), member);
    }
  }
  for (const auto& [record, place] : records) {
    // A reader of the record: at least half of its members are looked at here.
    unsigned named = 0, read = 0;
    for (const clang::FieldDecl* field : record->fields()) {
      if (unit.table.is_member("reserved", field->getName())) continue;
      ++named;
      read += seen.contains(field) ? 1 : 0;
    }
    if (read * 2 < named) continue;
    for (const clang::FieldDecl* field : record->fields()) {
      if (!unit.table.is_member("reserved", field->getName()) || seen.contains(field)) continue;
      if (!field->getType()->isIntegerType()) continue;
      reporter.at(*place.first, place.second, unit.name_of(field),
                  fmt::format("'{}' is read here, but its '{}' is never checked: bits set by a newer kernel "
                              "are ignored instead of refused",
                              record->getNameAsString(), field->getNameAsString()));
    }
  }
}

}  // namespace

const Check reserved_ignored_check = {"reserved-ignored",
                                      "flags or reserved bits of a record are never checked",
                                      "0.1",
                                      findings::Severity::note,
                                      run,
                                      Sees::file};

}  // namespace khover::review
