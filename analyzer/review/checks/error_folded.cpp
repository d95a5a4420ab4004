// docs/review/error-folded.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/results.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// What a branch returns, if it does nothing else that matters.
const clang::ReturnStmt* returned_by(const clang::Stmt* branch) {
  if (const auto* block = dyn_cast_or_null<clang::CompoundStmt>(branch)) {
    return block->body_empty() ? nullptr : dyn_cast<clang::ReturnStmt>(block->body_back());
  }
  return dyn_cast_or_null<clang::ReturnStmt>(branch);
}

// The error is compared with a particular one somewhere: the function knows the difference.
bool tells_apart(const Unit& unit, const Function& in, const clang::VarDecl* variable) {
  for (const clang::Stmt* statement : in.statements) {
    if (const auto* choice = dyn_cast<clang::SwitchStmt>(statement)) {
      if (variable_of(choice->getCond()) == variable) return true;
    }
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isEqualityOp() || is_zero(binary->getRHS(), unit.context)) continue;
    if (variable_of(binary->getLHS()) == variable && constant_of(binary->getRHS(), unit.context)) return true;
  }
  return false;
}

// The variable got another value between the call and the question.
bool is_used_again(const Function& in, const ResultUse& result, const clang::Stmt* question) {
  if (result.variable == nullptr) return false;
  const std::vector<Assigned>& assignments = assignments_of(in);
  return std::any_of(assignments.begin(), assignments.end(), [&](const Assigned& one) {
    return one.variable == result.variable && !in.is_inside(result.call, one.at) &&
           in.dominates(result.call, one.at) && in.dominates(one.at, question);
  });
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const ResultUse& result : results_of(unit, *one)) {
      if (!result.api->is(Trait::retrieves) ||
          (result.variable != nullptr && tells_apart(unit, *one, result.variable)))
        continue;
      for (const clang::Stmt* statement : one->statements) {
        const auto* branch = dyn_cast<clang::IfStmt>(statement);
        if (branch == nullptr) continue;
        const clang::Expr* condition = bare(branch->getCond());
        if (const auto* comparison = dyn_cast_or_null<clang::BinaryOperator>(condition)) {
          if (!is_zero(comparison->getRHS(), unit.context) || comparison->getOpcode() == clang::BO_EQ)
            continue;
          condition = bare(comparison->getLHS());
        }
        const bool asks = condition == result.call ||
                          (result.variable != nullptr && variable_of(condition) == result.variable &&
                           one->dominates(result.call, branch->getCond()));
        if (asks && is_used_again(*one, result, branch->getCond())) continue;
        const clang::ReturnStmt* end = asks ? returned_by(branch->getThen()) : nullptr;
        if (end == nullptr || end->getRetValue() == nullptr) continue;
        const auto value = constant_of(end->getRetValue(), unit.context);
        const bool nothing = is_zero(end->getRetValue(), unit.context);
        // Any fixed error in place of the real one says "there is nothing", too.
        const bool fixed = value && *value < 0;
        if (!nothing && !fixed) continue;
        findings::Finding& finding =
            reporter.at(*one, end, unit.callee(result.call),
                        fmt::format("every failure of '{}()' becomes {}: state that exists but cannot be "
                                    "read is taken for no state",
                                    unit.callee(result.call),
                                    nothing ? "\"nothing was preserved\"" : "one and the same error"));
        reporter.note(finding, result.call, "called here; distinguish its errors");
        break;
      }
    }
  }
}

}  // namespace

const Check error_folded_check = {"error-folded",
                                  "an error of retrieving is reported as \"nothing was preserved\"", "0.1",
                                  findings::Severity::warning, run};

}  // namespace khover::review
