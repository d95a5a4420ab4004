// docs/review/failure-forgotten.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;
using clang::dyn_cast_or_null;

// The callback that a call goes through.
const clang::FieldDecl* callback(const clang::CallExpr* call) {
  const auto* member = dyn_cast_or_null<clang::MemberExpr>(bare(call->getCallee()));
  return member == nullptr ? nullptr : dyn_cast<clang::FieldDecl>(member->getMemberDecl());
}

bool writes_member(const clang::Stmt* below) {
  if (below == nullptr) return false;
  const auto* binary = dyn_cast<clang::BinaryOperator>(below);
  if (binary != nullptr && binary->isAssignmentOp() && member_of(binary->getLHS()) != nullptr) return true;
  for (const clang::Stmt* child : below->children()) {
    if (writes_member(child)) return true;
  }
  return false;
}

const clang::Stmt* returned(const clang::Stmt* below) {
  if (below == nullptr) return nullptr;
  if (dyn_cast<clang::ReturnStmt>(below) != nullptr) return below;
  for (const clang::Stmt* child : below->children()) {
    if (const clang::Stmt* found = returned(child)) return found;
  }
  return nullptr;
}

// "!err", "err == 0": the branch is the one of success.
bool asks_for_success(const clang::Expr* condition, const clang::ASTContext& context) {
  const clang::Expr* core = bare(condition);
  if (const auto* negation = dyn_cast_or_null<clang::UnaryOperator>(core))
    return negation->getOpcode() == clang::UO_LNot && variable_of(negation->getSubExpr()) != nullptr;
  const auto* comparison = dyn_cast_or_null<clang::BinaryOperator>(core);
  return comparison != nullptr && comparison->getOpcode() == clang::BO_EQ &&
         is_zero(comparison->getRHS(), context);
}

// Where the function ends after a failure that the test found; null where something is written down before.
const clang::Stmt* forgotten(const Unit& unit, const Function& in, const clang::IfStmt* test,
                             const clang::VarDecl* variable) {
  if (!asks_for_success(test->getCond(), unit.context))
    return writes_member(test->getThen()) ? nullptr : returned(test->getThen());
  if (test->getElse() != nullptr) return writes_member(test->getElse()) ? nullptr : returned(test->getElse());
  // What comes after the branch of success is where a failure goes on.
  const clang::Stmt* end = nullptr;
  for (const clang::Stmt* statement : in.statements) {
    if (in.is_inside(statement, test) || !in.dominates(test->getCond(), statement)) continue;
    const auto* assignment = dyn_cast<clang::BinaryOperator>(statement);
    if (assignment != nullptr && assignment->isAssignmentOp() && member_of(assignment->getLHS()) != nullptr)
      return nullptr;
    if (end == nullptr && llvm::isa<clang::ReturnStmt>(statement) && mentions(statement, variable))
      end = statement;
  }
  return end;
}

// A member is written between the call and its test, whatever the result.
bool is_remembered_first(const Function& in, const clang::CallExpr* call, const clang::IfStmt* test) {
  const std::vector<Assigned>& assignments = assignments_of(in);
  return std::any_of(assignments.begin(), assignments.end(), [&](const Assigned& other) {
    return other.left != nullptr && member_of(other.left) != nullptr && in.dominates(call, other.at) &&
           in.dominates(other.at, test->getCond());
  });
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const Assigned& assigned : assignments_of(*one)) {
      const auto* call = dyn_cast_or_null<clang::CallExpr>(bare(assigned.value));
      const clang::FieldDecl* field = call == nullptr ? nullptr : callback(call);
      if (field == nullptr || assigned.variable == nullptr || !unit.table.is_member("once", field->getName()))
        continue;
      for (const clang::Stmt* statement : one->statements) {
        const auto* test = dyn_cast<clang::IfStmt>(statement);
        if (test == nullptr || !mentions(test->getCond(), assigned.variable) ||
            !one->dominates(call, test->getCond()))
          continue;
        const clang::Stmt* end = forgotten(unit, *one, test, assigned.variable);
        if (end != nullptr && !is_remembered_first(*one, call, test)) {
          findings::Finding& finding =
              reporter.at(*one, end, field->getNameAsString(),
                          fmt::format("'{}()' failed, but that it was called is not recorded: a retry passes "
                                      "it a record that the first call may have freed (use-after-free)",
                                      field->getNameAsString()));
          reporter.note(finding, call, "called here");
        }
        break;
      }
    }
  }
}

}  // namespace

const Check failure_forgotten_check = {
    "failure-forgotten", "the failure of a callback that may be called only once is not recorded", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
