// docs/review/error-pointer-test.md
#include <fmt/format.h>

#include "c/results.h"
#include "review/checks.h"

namespace khover::review {
namespace {

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const ResultUse& result : results_of(unit, *one)) {
      const Failure failure = result.api->failure;
      if (failure == Failure::error_pointer && result.null_test != nullptr && !result.error_tested) {
        findings::Finding& finding = reporter.at(
            *one, result.null_test, unit.callee(result.call),
            fmt::format("'{}()' never returns NULL: it fails with an error pointer, which this check misses",
                        unit.callee(result.call)));
        reporter.note(finding, result.call, "the result is from here; test it with IS_ERR()");
      } else if (failure == Failure::null && result.error_test != nullptr && result.null_test == nullptr) {
        findings::Finding& finding = reporter.at(
            *one, result.error_test, unit.callee(result.call),
            fmt::format("'{}()' fails with NULL, which IS_ERR() misses", unit.callee(result.call)));
        reporter.note(finding, result.call, "the result is from here; compare it with NULL");
      }
    }
  }
}

}  // namespace

const Check error_pointer_test_check = {
    "error-pointer-test", "an error pointer is compared with NULL, or NULL is tested with IS_ERR()", "0.1",
    findings::Severity::error, run};

}  // namespace khover::review
