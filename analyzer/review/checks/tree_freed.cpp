// docs/review/tree-freed.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast_or_null;

// "&phys"
const clang::VarDecl* pointed_variable(const clang::Expr* argument) {
  const auto* address = dyn_cast_or_null<clang::UnaryOperator>(bare(argument));
  return address != nullptr && address->getOpcode() == clang::UO_AddrOf ? variable_of(address->getSubExpr())
                                                                        : nullptr;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    std::map<const clang::VarDecl*, const clang::CallExpr*> addresses;
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* argument = unit.argument(call, Role::gives_address);
      if (argument == nullptr) continue;
      if (const clang::VarDecl* variable = pointed_variable(argument)) addresses[variable] = call;
    }
    if (addresses.empty()) continue;
    const std::vector<Assigned>& assignments = assignments_of(*one);
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* argument = unit.argument(call, Role::frees);
      if (argument == nullptr) continue;
      const clang::VarDecl* freed = variable_of(argument);
      const clang::Expr* value = only_value(assignments, freed);
      for (const auto& [variable, source] : addresses) {
        if (value == nullptr || !mentions(value, variable)) continue;
        findings::Finding& finding =
            reporter.at(*one, call, freed->getNameAsString(),
                        fmt::format("'{}' is the memory of a subtree that can still be found by name: later "
                                    "lookups, e.g. through debugfs, are a use-after-free",
                                    freed->getNameAsString()));
        reporter.note(finding, source, "looked up by name here");
      }
    }
  }
}

}  // namespace

const Check tree_freed_check = {
    "tree-freed", "the memory of a retrieved subtree is freed while it can still be found by name", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
