// docs/review/failure-returns-success.md
#include <fmt/format.h>

#include "c/paths.h"
#include "review/checks.h"

namespace khover::review {
namespace {

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    const Paths& paths = paths_of(unit, *one);
    if (paths.gave_up) reporter.not_judged(fmt::format("'{}' has too many paths", one->name));
    for (const SilentFailure& silent : paths.silent) {
      findings::Finding& finding =
          reporter.at(*one, silent.call, unit.callee(silent.call),
                      fmt::format("when '{}()' fails here, '{}()' can still return 0: the returned variable "
                                  "was last set by a call that succeeded",
                                  unit.callee(silent.call), one->name));
      reporter.note(finding, silent.at_return, "returned here");
    }
  }
}

}  // namespace

const Check failure_returns_success_check = {"failure-returns-success",
                                             "a call fails and the function returns 0", "0.1",
                                             findings::Severity::error, run};

}  // namespace khover::review
