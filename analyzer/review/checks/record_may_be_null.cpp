// docs/review/record-may-be-null.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// The member of a running kernel's structure that points to a record: "iommu->preserved".
const clang::FieldDecl* link_member(const Unit& unit, const clang::Expr* expression) {
  const auto* member = dyn_cast_or_null<clang::MemberExpr>(bare(expression));
  const auto* field = member == nullptr ? nullptr : dyn_cast<clang::FieldDecl>(member->getMemberDecl());
  if (field == nullptr || unit.is_serialized(field)) return nullptr;
  return unit.is_serialized(pointed_record(field->getType())) ? field : nullptr;
}

bool is_null_test(const Unit& unit, const Function& in, const clang::Expr* expression) {
  const clang::Stmt* above = in.meaningful_parent(expression);
  if (const auto* unary = dyn_cast_or_null<clang::UnaryOperator>(above))
    return unary->getOpcode() == clang::UO_LNot;
  if (const auto* binary = dyn_cast_or_null<clang::BinaryOperator>(above)) {
    return binary->isLogicalOp() || (binary->isEqualityOp() && (is_zero(binary->getLHS(), unit.context) ||
                                                                is_zero(binary->getRHS(), unit.context)));
  }
  if (const auto* branch = dyn_cast_or_null<clang::IfStmt>(above))
    return in.is_inside(expression, branch->getCond());
  if (const auto* choice = dyn_cast_or_null<clang::ConditionalOperator>(above)) {
    return in.is_inside(expression, choice->getCond());
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  // Members that this unit itself sets to NULL: it knows that there may be nothing.
  std::map<const clang::FieldDecl*, const clang::Stmt*> may_be_null;
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      const auto* assignment = dyn_cast<clang::BinaryOperator>(statement);
      if (assignment == nullptr || assignment->getOpcode() != clang::BO_Assign) continue;
      const clang::FieldDecl* field = link_member(unit, assignment->getLHS());
      if (field != nullptr && is_zero(assignment->getRHS(), unit.context))
        may_be_null.try_emplace(field, assignment);
    }
  }
  if (may_be_null.empty()) return;
  for (const auto& one : unit.functions) {
    // Variables that hold such a member.
    std::map<const clang::VarDecl*, const clang::FieldDecl*> copies;
    std::vector<std::pair<const clang::Stmt*, const clang::FieldDecl*>> tests;
    std::set<const clang::FieldDecl*> set_here;
    for (const clang::Stmt* statement : one->statements) {
      if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
        for (const clang::Decl* part : declaration->decls()) {
          const auto* variable = dyn_cast<clang::VarDecl>(part);
          if (variable == nullptr || variable->getInit() == nullptr) continue;
          if (const clang::FieldDecl* field = link_member(unit, variable->getInit()))
            copies[variable] = field;
        }
      } else if (const auto* assignment = dyn_cast<clang::BinaryOperator>(statement)) {
        if (assignment->getOpcode() != clang::BO_Assign) continue;
        const clang::VarDecl* variable = variable_of(assignment->getLHS());
        const clang::FieldDecl* field = link_member(unit, assignment->getRHS());
        if (variable != nullptr && field != nullptr) copies[variable] = field;
        if (const clang::FieldDecl* target = link_member(unit, assignment->getLHS())) set_here.insert(target);
      }
    }
    const auto link_of = [&](const clang::Expr* expression) -> const clang::FieldDecl* {
      if (const clang::FieldDecl* field = link_member(unit, expression)) return field;
      const auto copy = copies.find(variable_of(expression));
      return copy == copies.end() ? nullptr : copy->second;
    };
    for (const clang::Stmt* statement : one->statements) {
      const auto* expression = dyn_cast<clang::Expr>(statement);
      if (expression == nullptr ||
          (!llvm::isa<clang::MemberExpr>(expression) && !llvm::isa<clang::DeclRefExpr>(expression)))
        continue;
      const clang::FieldDecl* field = link_of(expression);
      if (field != nullptr && is_null_test(unit, *one, expression)) tests.emplace_back(expression, field);
    }
    std::set<const clang::FieldDecl*> done;
    for (const clang::Stmt* statement : one->statements) {
      const auto* access = dyn_cast<clang::MemberExpr>(statement);
      if (access == nullptr || !access->isArrow()) continue;
      const clang::FieldDecl* field = link_of(access->getBase());
      const auto known = may_be_null.find(field);
      if (field == nullptr || known == may_be_null.end() || done.contains(field)) continue;
      bool tested = false;
      for (const auto& [test, about] : tests)
        tested = tested || (about == field && one->dominates(test, access));
      // What this function has just set need not be asked.
      for (const clang::Stmt* other : one->statements) {
        const auto* assignment = dyn_cast<clang::BinaryOperator>(other);
        if (assignment == nullptr || assignment->getOpcode() != clang::BO_Assign) continue;
        if (link_member(unit, assignment->getLHS()) == field &&
            !is_zero(assignment->getRHS(), unit.context) && one->dominates(assignment, access)) {
          tested = true;
        }
      }
      if (tested) continue;
      // A helper whose only callers ask.
      bool asked = !one->declaration->isExternallyVisible() && !unit.calls_of(*one).empty();
      for (const auto& [caller, call] : unit.calls_of(*one)) {
        bool here = false;
        for (const clang::Stmt* other : caller->statements) {
          const auto* expression = dyn_cast<clang::Expr>(other);
          if (expression != nullptr && link_member(unit, expression) == field &&
              is_null_test(unit, *caller, expression) && caller->dominates(expression, call)) {
            here = true;
          }
        }
        asked = asked && here;
      }
      if (asked) continue;
      done.insert(field);
      findings::Finding& finding = reporter.at(
          *one, access, field->getNameAsString(),
          fmt::format("'{}' is dereferenced without a NULL check: it is NULL when nothing is preserved",
                      field->getNameAsString()));
      reporter.note(finding, known->second, "set to NULL here");
    }
  }
}

}  // namespace

const Check record_may_be_null_check = {
    "record-may-be-null", "the pointer to an object's preserved record is dereferenced without a NULL check",
    "0.1", findings::Severity::warning, run};

}  // namespace khover::review
