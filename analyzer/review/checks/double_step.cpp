// docs/review/double-step.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// How many times a value follows the chain: 2 in "x->next->next".
unsigned steps_in(const Unit& unit, const clang::Stmt* value, const clang::VarDecl* variable) {
  unsigned steps = 0;
  if (!mentions(value, variable)) return 0;
  for (const clang::Stmt* one : inside(value)) {
    const auto* member = dyn_cast<clang::MemberExpr>(one);
    if (member != nullptr && unit.table.is_member("next", member->getMemberDecl()->getName())) ++steps;
  }
  return steps;
}

// A comparison with a constant, of a variable that goes up by one, in the loop.
const clang::BinaryOperator* limit_of(const Unit& unit, const Function& in, const clang::Stmt* loop) {
  for (const clang::Stmt* statement : inside(loop)) {
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isRelationalOp() || !constant_of(binary->getRHS(), unit.context))
      continue;
    const auto* step = llvm::dyn_cast_or_null<clang::UnaryOperator>(bare(binary->getLHS()));
    if (step != nullptr && step->isIncrementOp() && loop_around(unit, in, binary) == loop) return binary;
  }
  return nullptr;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    std::map<std::pair<const clang::Stmt*, const clang::VarDecl*>, unsigned> steps;
    for (const Assigned& assigned : assignments_of(*one)) {
      const clang::Stmt* loop = loop_around(unit, *one, assigned.at);
      if (assigned.variable == nullptr || loop == nullptr) continue;
      steps[{loop, assigned.variable}] += steps_in(unit, assigned.value, assigned.variable);
    }
    for (const auto& [place, count] : steps) {
      const clang::BinaryOperator* limit = count < 2 ? nullptr : limit_of(unit, *one, place.first);
      if (limit == nullptr) continue;
      reporter.at(*one, limit, place.second->getNameAsString(),
                  fmt::format("'{}' takes {} steps along the list per iteration, but one is counted: the "
                              "limit allows {} times as many entries",
                              place.second->getNameAsString(), count, count));
    }
  }
}

}  // namespace

const Check double_step_check = {"double-step",
                                 "the limit of a list walk counts iterations that take several steps", "0.1",
                                 findings::Severity::note, run};

}  // namespace khover::review
