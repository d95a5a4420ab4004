#include "c/statements.h"

namespace khover::c {

using clang::dyn_cast;
using clang::isa;

std::vector<const clang::Stmt*> inside(const clang::Stmt* statement) {
  std::vector<const clang::Stmt*> list;
  std::vector<const clang::Stmt*> open = {statement};
  while (!open.empty()) {
    const clang::Stmt* one = open.back();
    open.pop_back();
    if (one == nullptr) continue;
    list.push_back(one);
    open.insert(open.end(), one->child_begin(), one->child_end());
  }
  return list;
}

const clang::Stmt* loop_around(const Unit& unit, const Function& in, const clang::Stmt* statement) {
  for (const clang::Stmt* above = in.parent(statement); above != nullptr; above = in.parent(above)) {
    if (isa<clang::WhileStmt>(above) || isa<clang::ForStmt>(above)) return above;
    const auto* once = dyn_cast<clang::DoStmt>(above);
    if (once != nullptr && !is_zero(once->getCond(), unit.context)) return above;
  }
  return nullptr;
}

std::set<const clang::ValueDecl*> named_inside(const clang::Stmt* statement) {
  std::set<const clang::ValueDecl*> names;
  for (const clang::Stmt* one : inside(statement)) {
    if (const auto* reference = dyn_cast<clang::DeclRefExpr>(one)) names.insert(reference->getDecl());
    if (const auto* member = dyn_cast<clang::MemberExpr>(one)) names.insert(member->getMemberDecl());
  }
  return names;
}

const clang::Expr* condition_of(const clang::Stmt* statement) {
  if (const auto* one = dyn_cast<clang::IfStmt>(statement)) return one->getCond();
  if (const auto* one = dyn_cast<clang::WhileStmt>(statement)) return one->getCond();
  if (const auto* one = dyn_cast<clang::ForStmt>(statement)) return one->getCond();
  if (const auto* one = dyn_cast<clang::DoStmt>(statement)) return one->getCond();
  if (const auto* one = dyn_cast<clang::ConditionalOperator>(statement)) return one->getCond();
  return nullptr;
}

}  // namespace khover::c
