// docs/review/order-recomputed.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// Calls whose value becomes an order that a loop makes smaller afterwards: by the function that is called.
std::map<const clang::FunctionDecl*, const clang::Stmt*> made_smaller(const Unit& unit, const Function& in) {
  std::map<const clang::FunctionDecl*, const clang::Stmt*> found;
  for (const Assigned& assigned : assignments_of(in)) {
    if (assigned.variable == nullptr || !unit.table.is_member("order", assigned.variable->getName()))
      continue;
    const clang::Stmt* smaller = nullptr;
    for (const clang::Stmt* statement : in.statements) {
      const auto* step = dyn_cast<clang::UnaryOperator>(statement);
      if (step != nullptr && step->isDecrementOp() && variable_of(step->getSubExpr()) == assigned.variable)
        smaller = step;
    }
    if (smaller == nullptr) continue;
    for (const clang::Stmt* one : inside(assigned.value)) {
      const auto* call = dyn_cast<clang::CallExpr>(one);
      if (call != nullptr && call->getDirectCallee() != nullptr && call->getBuiltinCallee() == 0)
        found[call->getDirectCallee()->getCanonicalDecl()] = smaller;
    }
  }
  return found;
}

void run(const Unit& unit, Reporter& reporter) {
  std::map<const clang::FunctionDecl*, const clang::Stmt*> smaller;
  for (const auto& one : unit.functions) {
    if (one->kernel == Kernel::outgoing) smaller.merge(made_smaller(unit, *one));
  }
  if (smaller.empty()) return;
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming || !made_smaller(unit, *one).empty()) continue;
    for (const clang::CallExpr* call : one->calls) {
      const clang::FunctionDecl* target = call->getDirectCallee();
      const auto found = target == nullptr ? smaller.end() : smaller.find(target->getCanonicalDecl());
      if (found == smaller.end()) continue;
      findings::Finding& finding = reporter.at(
          *one, call, target->getNameAsString(),
          fmt::format("the order is recomputed from the address by '{}()', but preserving reduced the order "
                      "of some blocks: the restored blocks differ from the preserved ones",
                      target->getNameAsString()));
      reporter.note(finding, found->second, "reduced here");
      break;
    }
  }
}

}  // namespace

const Check order_recomputed_check = {
    "order-recomputed", "block orders are computed differently when preserving and when restoring", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
