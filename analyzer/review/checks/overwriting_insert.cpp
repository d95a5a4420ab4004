// docs/review/overwriting-insert.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming) continue;
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* key = unit.argument(call, Role::overwrites);
      if (key == nullptr) continue;
      Fields from = unit.image_fields(key, *one);
      if (const auto* made = llvm::dyn_cast_or_null<clang::CallExpr>(bare(key)))
        from = unit.mentioned(made, *one);
      if (from.empty()) continue;
      reporter.at(
          *one, call, unit.text(key),
          fmt::format("a duplicate '{}' is not an error here: '{}()' silently replaces the first record",
                      unit.name_of(*from.begin()), unit.callee(call)));
    }
  }
}

}  // namespace

const Check overwriting_insert_check = {"overwriting-insert",
                                        "a record with a duplicate key silently replaces the first one",
                                        "0.1", findings::Severity::warning, run};

}  // namespace khover::review
