// What a function does with the result of a call that can fail.
#pragma once

#include <vector>

#include "c/unit.h"

namespace khover::c {

struct ResultUse {
  const clang::CallExpr* call = nullptr;
  const Api* api = nullptr;
  const clang::VarDecl* variable = nullptr;  // that keeps it
  const clang::Stmt* null_test = nullptr;    // compares it with NULL or 0, or checks whether it is true
  const clang::Stmt* error_test = nullptr;   // checks whether it is an error pointer
  bool error_tested = false;
  bool discarded = false;                  // it cannot be checked
  const clang::Stmt* first_use = nullptr;  // that is no test: it is followed, or passed on
  bool kept_elsewhere = false;             // in a member, or returned: others may test it
};

// Of every call in the function whose failure the table knows.
const std::vector<ResultUse>& results_of(const Unit& unit, const Function& in);

// A call that asks about an error pointer (the table knows which): what it asks about, or nothing.
const clang::Expr* asked_for_error(const Unit& unit, const clang::Stmt* statement);

}  // namespace khover::c
