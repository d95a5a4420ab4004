// docs/review/log-of-zero.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

const clang::CallExpr* logarithm(const Unit& unit, const clang::Expr* value) {
  const auto* call = llvm::dyn_cast_or_null<clang::CallExpr>(bare(value));
  const Api* api = call == nullptr ? nullptr : unit.api(call);
  return api != nullptr && api->is(Trait::logarithm) && call->getNumArgs() == 1 ? call : nullptr;
}

// A condition before the place asks about the variable.
bool is_asked(const clang::VarDecl* variable, const clang::Stmt* before, const Function& in) {
  for (const clang::Stmt* statement : in.statements) {
    const clang::Expr* condition = nullptr;
    if (const auto* test = dyn_cast<clang::IfStmt>(statement)) condition = test->getCond();
    if (const auto* choice = dyn_cast<clang::ConditionalOperator>(statement)) condition = choice->getCond();
    if (const auto* loop = dyn_cast<clang::WhileStmt>(statement)) condition = loop->getCond();
    if (condition != nullptr && mentions(condition, variable) && in.dominates(condition, before)) return true;
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel == Kernel::outgoing) continue;
    for (const clang::Stmt* statement : one->statements) {
      const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
      if (binary == nullptr || binary->getOpcode() != clang::BO_Sub) continue;
      // "fls64(key) - 1", "52 - fls64(key)"
      const clang::CallExpr* call = logarithm(unit, binary->getLHS());
      if (call == nullptr) call = logarithm(unit, binary->getRHS());
      if (call == nullptr) continue;
      const clang::VarDecl* of = variable_of(call->getArg(0));
      if (of == nullptr || is_asked(of, binary, *one)) continue;
      reporter.at(*one, binary, of->getNameAsString(),
                  fmt::format("'{}' is passed without a zero check: '{}()' of 0 makes this difference wrap, "
                              "and a shift by it is undefined",
                              of->getNameAsString(), unit.callee(call)));
    }
  }
}

}  // namespace

const Check log_of_zero_check = {"log-of-zero",
                                 "the bit position of a value is computed without a zero check", "0.1",
                                 findings::Severity::warning, run};

}  // namespace khover::review
