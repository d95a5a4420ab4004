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

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    const std::vector<Assigned> assignments = assignments_of(*one);
    for (const Assigned& assigned : assignments) {
      const auto* call = dyn_cast_or_null<clang::CallExpr>(bare(assigned.value));
      const clang::FieldDecl* field = call == nullptr ? nullptr : callback(call);
      if (field == nullptr || assigned.variable == nullptr || !unit.table.is_member("once", field->getName()))
        continue;
      for (const clang::Stmt* statement : one->statements) {
        const auto* test = dyn_cast<clang::IfStmt>(statement);
        if (test == nullptr || !mentions(test->getCond(), assigned.variable) ||
            !one->dominates(call, test->getCond()))
          continue;
        // What is written between the call and its test is remembered as well.
        bool remembered = writes_member(test->getThen());
        for (const Assigned& other : assignments) {
          remembered =
              remembered || (other.left != nullptr && member_of(other.left) != nullptr &&
                             one->dominates(call, other.at) && one->dominates(other.at, test->getCond()));
        }
        const clang::Stmt* end = returned(test->getThen());
        if (!remembered && end != nullptr) {
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
