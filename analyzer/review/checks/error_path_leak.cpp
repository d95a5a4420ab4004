// docs/review/error-path-leak.md
#include <fmt/format.h>

#include "c/paths.h"
#include "review/checks.h"

namespace khover::review {
namespace {

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    const Paths& paths = paths_of(unit, *one);
    if (paths.gave_up) reporter.not_judged(fmt::format("'{}' has too many paths", one->name));
    for (const Leak& leak : paths.leaks) {
      findings::Finding& finding =
          reporter.at(*one, leak.at_return, leak.what,
                      leak.undo.empty()
                          ? fmt::format("an error is returned here without decrementing '{}': the record "
                                        "counts more than there is",
                                        leak.what)
                          : fmt::format("an error is returned here without undoing '{}': '{}' is not called",
                                        leak.what, leak.undo));
      reporter.note(finding, leak.taken, leak.undo.empty() ? "incremented here" : "done here");
    }
  }
}

}  // namespace

const Check error_path_leak_check = {"error-path-leak",
                                     "an error path leaks memory, a key, a slot or a count", "0.1",
                                     findings::Severity::warning, run};

}  // namespace khover::review
