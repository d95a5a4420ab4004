// docs/review/deleted-record-kept.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/deleted_marks.h"
#include "review/checks.h"

namespace khover::review {
namespace {

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    const Marks& marks = marks_of(unit, *one);
    if (marks.set.empty()) continue;
    const std::vector<Assigned>& assignments = assignments_of(*one);
    for (const auto& [mark, variable] : marks.set) {
      if (variable == nullptr) continue;
      for (const Assigned& kept : assignments) {
        const clang::FieldDecl* field = kept.left == nullptr ? nullptr : member_of(kept.left);
        if (field == nullptr || unit.is_serialized(field) || variable_of(kept.value) != variable) continue;
        if (!one->reaches(mark, kept.at)) continue;
        // It may be another record by then.
        bool renewed = false;
        for (const Assigned& other : assignments) {
          renewed = renewed || (other.variable == variable && one->reaches(mark, other.at) &&
                                one->reaches(other.at, kept.at));
        }
        if (renewed) continue;
        findings::Finding& finding =
            reporter.at(*one, kept.at, variable->getNameAsString(),
                        fmt::format("'{}' may be marked as deleted when it is stored here: a later user "
                                    "takes references on a deleted record",
                                    variable->getNameAsString()));
        reporter.note(finding, mark, "marked here");
      }
    }
  }
}

}  // namespace

const Check deleted_record_kept_check = {
    "deleted-record-kept", "a record is marked as deleted and stored as the record of an object", "0.1",
    findings::Severity::error, run};

}  // namespace khover::review
