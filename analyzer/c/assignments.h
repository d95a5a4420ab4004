// Every place of a function where a variable or member gets a value.
#pragma once

#include "c/unit.h"

namespace khover::c {

struct Assigned {
  const clang::Stmt* at = nullptr;
  const clang::VarDecl* variable = nullptr;  // null: another place
  const clang::Expr* left = nullptr;         // null: a declaration
  const clang::Expr* value = nullptr;
};

// Declarations with a value and plain assignments, in the order of the source.
const std::vector<Assigned>& assignments_of(const Function& in);
// The value of a variable that gets one once; null otherwise.
const clang::Expr* only_value(const std::vector<Assigned>& assignments, const clang::VarDecl* variable);
// Whether the variable occurs below.
bool mentions(const clang::Stmt* below, const clang::VarDecl* variable);

}  // namespace khover::c
