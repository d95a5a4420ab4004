// docs/review/page-count-cut.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

constexpr __int128 kMostOfAnInt = 0x7fffffff;

// A quotient of 64 bits: pages of a size.
bool is_quotient(const Unit& unit, const clang::Expr* value) {
  const auto* binary = llvm::dyn_cast_or_null<clang::BinaryOperator>(bare(value));
  return binary != nullptr &&
         (binary->getOpcode() == clang::BO_Div || binary->getOpcode() == clang::BO_Shr) &&
         unit.context.getTypeSize(binary->getType()) == 64 && !constant_of(binary, unit.context);
}

// Something is compared with what an int can hold, here or in a caller.
bool is_limited(const Unit& unit, const Function& in, unsigned depth = 0) {
  for (const clang::Stmt* statement : in.statements) {
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isRelationalOp()) continue;
    for (const clang::Expr* side : {binary->getLHS(), binary->getRHS()}) {
      if (const auto limit = constant_of(side, unit.context); limit && *limit >= kMostOfAnInt) return true;
    }
  }
  if (depth == 3) return false;
  for (const auto& [caller, call] : unit.calls_of(in)) {
    if (is_limited(unit, *caller, depth + 1)) return true;
  }
  return false;
}

// Pages of memory that is there: no machine has as many.
bool counts_memory(const Unit& unit, const Function& in, const clang::VarDecl* variable) {
  for (const clang::CallExpr* call : in.calls) {
    if (variable_of(unit.argument(call, Role::page_count)) == variable) return true;
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::outgoing) continue;
    for (const Assigned& assigned : assignments_of(*one)) {
      if (assigned.variable == nullptr || !assigned.variable->getType()->isIntegerType() ||
          unit.context.getTypeSize(assigned.variable->getType()) > 32 || !is_quotient(unit, assigned.value) ||
          is_limited(unit, *one) || counts_memory(unit, *one, assigned.variable))
        continue;
      reporter.at(*one, assigned.value, assigned.variable->getNameAsString(),
                  fmt::format("'{}' has 32 bits and this quotient has 64: of a larger object only a part is "
                              "preserved, silently",
                              assigned.variable->getNameAsString()));
    }
  }
}

}  // namespace

const Check page_count_cut_check = {"page-count-cut", "a number of pages to preserve is truncated to 32 bits",
                                    "0.1", findings::Severity::warning, run};

}  // namespace khover::review
