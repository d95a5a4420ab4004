// Statements below and around a statement.
#pragma once

#include "c/unit.h"

namespace khover::c {

// The statement itself and everything below, outer before inner.
std::vector<const clang::Stmt*> inside(const clang::Stmt* statement);
// The innermost loop around; do { } while (0) of a macro is none.
const clang::Stmt* loop_around(const Unit& unit, const Function& in, const clang::Stmt* statement);
// Variables and members that occur below.
std::set<const clang::ValueDecl*> named_inside(const clang::Stmt* statement);
// The condition of an if, a loop or a choice; null for others.
const clang::Expr* condition_of(const clang::Stmt* statement);

}  // namespace khover::c
