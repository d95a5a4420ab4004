// docs/review/iterator-after-loop.md
#include <fmt/format.h>

#include "abi/versions.h"
#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

bool is_iteration(const Unit& unit, const clang::ForStmt* loop) {
  for (const std::string& macro : unit.macros_of(loop->getBeginLoc())) {
    for (const std::string& glob : unit.table.iterations) {
      if (abi::matches_glob(glob, macro)) return true;
    }
  }
  return false;
}

// After the loop: the variable gets another value, or a condition checks whether the loop found one.
bool is_settled(const clang::VarDecl* variable, const clang::Stmt* loop, const clang::Stmt* use,
                const Function& in, const std::vector<Assigned>& assignments) {
  for (const Assigned& one : assignments) {
    if (one.variable == variable && !in.is_inside(one.at, loop) && in.reaches(loop, one.at) &&
        in.dominates(one.at, use))
      return true;
  }
  for (const clang::Stmt* statement : in.statements) {
    // Who jumps there from inside the loop has an element.
    const auto* jump = dyn_cast<clang::GotoStmt>(statement);
    if (jump != nullptr && in.is_inside(jump, loop) && jump->getLabel()->getStmt() != nullptr) {
      for (const clang::Stmt* landing : inside(jump->getLabel()->getStmt()->getSubStmt())) {
        if (landing == use || in.dominates(landing, use)) return true;
      }
    }
    const clang::Expr* condition = condition_of(statement);
    if (condition != nullptr && !in.is_inside(condition, loop) && in.reaches(loop, condition) &&
        in.dominates(condition, use) && !in.is_inside(use, condition))
      return true;
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    const std::vector<Assigned>& assignments = assignments_of(*one);
    for (const clang::Stmt* statement : one->statements) {
      const auto* loop = dyn_cast<clang::ForStmt>(statement);
      if (loop == nullptr || loop->getInit() == nullptr || !is_iteration(unit, loop)) continue;
      const auto* begin = dyn_cast<clang::BinaryOperator>(loop->getInit());
      const clang::VarDecl* variable =
          begin == nullptr || begin->getOpcode() != clang::BO_Assign ? nullptr : variable_of(begin->getLHS());
      if (variable == nullptr) continue;
      for (const clang::Stmt* other : one->statements) {
        const auto* use = dyn_cast<clang::MemberExpr>(other);
        if (use == nullptr || !use->isArrow() || variable_of(use->getBase()) != variable ||
            one->is_inside(use, loop) || !one->dominates(begin, use))
          continue;
        if (is_settled(variable, loop, use, *one, assignments)) continue;
        findings::Finding& finding =
            reporter.at(*one, use, variable->getNameAsString(),
                        fmt::format("'{}' is used after the list loop: if no entry was found, it points to "
                                    "the list head, which is not an entry",
                                    variable->getNameAsString()));
        reporter.note(finding, begin, "the loop is here");
        break;
      }
    }
  }
}

}  // namespace

const Check iterator_after_loop_check = {"iterator-after-loop",
                                         "the iterator of a list loop is used after the loop", "0.1",
                                         findings::Severity::warning, run};

}  // namespace khover::review
