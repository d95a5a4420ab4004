// docs/review/value-unchecked.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming) continue;
    for (const clang::CallExpr* call : one->calls) {
      const Api* api = unit.api(call);
      if (api == nullptr) continue;
      for (const auto& [argument, what] : api->sinks) {
        if (argument >= call->getNumArgs()) continue;
        for (const clang::FieldDecl* field : unit.image_fields(call->getArg(argument), *one)) {
          if (unit.is_tested(field, call, *one, true)) continue;
          reporter.at(*one, call, fmt::format("{} {}", unit.name_of(field), unit.callee(call)),
                      fmt::format("'{}', read from the image, reaches '{}()' without a bounds check: {}",
                                  unit.name_of(field), unit.callee(call), what));
          break;
        }
      }
    }
  }
}

}  // namespace

const Check value_unchecked_check = {
    "value-unchecked",
    "a value read from the image is used as a size, length or count without a bounds check", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
