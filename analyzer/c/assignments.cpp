#include "c/assignments.h"

namespace khover::c {

using clang::dyn_cast;

namespace {

std::vector<Assigned> find_assignments(const Function& in) {
  std::vector<Assigned> list;
  for (const clang::Stmt* statement : in.statements) {
    if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
      for (const clang::Decl* part : declaration->decls()) {
        const auto* variable = dyn_cast<clang::VarDecl>(part);
        if (variable != nullptr && variable->getInit() != nullptr)
          list.push_back({statement, variable, nullptr, variable->getInit()});
      }
    } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement)) {
      if (binary->getOpcode() == clang::BO_Assign)
        list.push_back({statement, variable_of(binary->getLHS()), binary->getLHS(), binary->getRHS()});
    }
  }
  return list;
}

}  // namespace

const std::vector<Assigned>& assignments_of(const Function& in) {
  return in.facts.get<std::vector<Assigned>>([&] { return find_assignments(in); });
}

const clang::Expr* only_value(const std::vector<Assigned>& assignments, const clang::VarDecl* variable) {
  const clang::Expr* found = nullptr;
  for (const Assigned& one : assignments) {
    if (one.variable == nullptr || one.variable != variable) continue;
    if (found != nullptr) return nullptr;
    found = one.value;
  }
  return found;
}

bool mentions(const clang::Stmt* below, const clang::VarDecl* variable) {
  if (below == nullptr) return false;
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(below)) return reference->getDecl() == variable;
  for (const clang::Stmt* child : below->children()) {
    if (mentions(child, variable)) return true;
  }
  return false;
}

}  // namespace khover::c
