// docs/review/chain-unbounded.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// "p = phys_to_virt(p->next)" and "next = p->next": the member of an image that is followed.
const clang::FieldDecl* followed(const Unit& unit, const clang::Expr* value) {
  std::vector<const clang::Stmt*> open = {value};
  while (!open.empty()) {
    const clang::Stmt* part = open.back();
    open.pop_back();
    if (part == nullptr) continue;
    if (const auto* member = dyn_cast<clang::MemberExpr>(part)) {
      const clang::FieldDecl* field = member_of(member);
      if (unit.is_serialized(field) && unit.table.is_member("next", field->getName())) return field;
    }
    open.insert(open.end(), part->child_begin(), part->child_end());
  }
  return nullptr;
}

// A comparison in the loop that a counter takes part in: after some rounds it ends.
bool is_counted(const Function& in, const clang::Stmt* loop) {
  std::set<const clang::VarDecl*> stepped;
  const auto step_here = [&](const clang::Expr* expression) {
    if (const clang::VarDecl* variable = variable_of(expression)) stepped.insert(variable);
  };
  for (const clang::Stmt* statement : in.statements) {
    if (!in.is_inside(statement, loop)) continue;
    if (const auto* unary = dyn_cast<clang::UnaryOperator>(statement)) {
      if (unary->isIncrementDecrementOp()) step_here(unary->getSubExpr());
    } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement)) {
      if (binary->isCompoundAssignmentOp()) step_here(binary->getLHS());
    }
  }
  for (const clang::Stmt* statement : in.statements) {
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isComparisonOp() || !in.is_inside(binary, loop)) continue;
    std::vector<const clang::Stmt*> open = {binary};
    while (!open.empty()) {
      const clang::Stmt* part = open.back();
      open.pop_back();
      if (part == nullptr) continue;
      const auto* reference = dyn_cast<clang::DeclRefExpr>(part);
      if (reference != nullptr && stepped.contains(dyn_cast<clang::VarDecl>(reference->getDecl())))
        return true;
      open.insert(open.end(), part->child_begin(), part->child_end());
    }
  }
  return false;
}

// Another function of the unit walks the same chain first, with a limit.
bool is_walked_before(const Unit& unit, const Function& in, const clang::Stmt* loop,
                      const clang::FieldDecl* field) {
  for (const clang::CallExpr* call : in.calls) {
    const Function* target = unit.function(call->getDirectCallee());
    if (target == nullptr || target == &in || !in.dominates(call, loop)) continue;
    for (const clang::Stmt* statement : target->statements) {
      const bool is_loop = llvm::isa<clang::WhileStmt>(statement) || llvm::isa<clang::ForStmt>(statement) ||
                           llvm::isa<clang::DoStmt>(statement);
      if (!is_loop || !is_counted(*target, statement)) continue;
      for (const clang::Stmt* inner : target->statements) {
        const auto* member = dyn_cast<clang::MemberExpr>(inner);
        if (member != nullptr && member_of(member) == field && target->is_inside(inner, statement))
          return true;
      }
    }
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming) continue;
    for (const clang::Stmt* statement : one->statements) {
      const auto* assignment = dyn_cast<clang::BinaryOperator>(statement);
      if (assignment == nullptr || assignment->getOpcode() != clang::BO_Assign) continue;
      if (variable_of(assignment->getLHS()) == nullptr) continue;
      const clang::FieldDecl* field = followed(unit, assignment->getRHS());
      if (field == nullptr) continue;
      const clang::Stmt* loop = one->parent(assignment);
      while (loop != nullptr && !llvm::isa<clang::WhileStmt>(loop) && !llvm::isa<clang::ForStmt>(loop) &&
             !llvm::isa<clang::DoStmt>(loop)) {
        loop = one->parent(loop);
      }
      // do { } while (0) of a macro is no loop.
      const auto* once = dyn_cast_or_null<clang::DoStmt>(loop);
      if (loop == nullptr || (once != nullptr && is_zero(once->getCond(), unit.context))) continue;
      if (is_counted(*one, loop) || is_walked_before(unit, *one, loop, field)) continue;
      findings::Finding& finding = reporter.at(
          *one, assignment, unit.name_of(field),
          fmt::format(
              "the loop follows '{}' of the image without a limit: a cyclic chain makes it an endless loop",
              unit.name_of(field)));
      reporter.note(finding, loop, "no counter ends this loop");
    }
  }
}

}  // namespace

const Check chain_unbounded_check = {"chain-unbounded",
                                     "a linked list of the image is walked without a limit", "0.1",
                                     findings::Severity::warning, run};

}  // namespace khover::review
