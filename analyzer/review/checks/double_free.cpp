// docs/review/double-free.md
#include <fmt/format.h>

#include "c/paths.h"
#include "review/checks.h"

namespace khover::review {
namespace {

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    const Paths& paths = paths_of(unit, *one);
    if (paths.gave_up) reporter.not_judged(fmt::format("'{}' has too many paths", one->name));
    for (const DoubleFree& twice : paths.double_frees) {
      findings::Finding& finding =
          reporter.at(*one, twice.second, unit.text(twice.second),
                      fmt::format("'{}' is freed or restored a second time on one path through '{}'",
                                  unit.text(twice.second), one->name));
      reporter.note(finding, twice.first, "the first time is here");
    }
  }
}

}  // namespace

const Check double_free_check = {"double-free", "handed-over memory is freed or restored twice on one path",
                                 "0.1", findings::Severity::error, run};

}  // namespace khover::review
