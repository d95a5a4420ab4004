// Paths through a function, with what is known on each: which calls failed, what they took that was not given
// back, what was freed. Contradictory paths are not followed.
#pragma once

#include <string>
#include <vector>

#include "c/unit.h"

namespace khover::c {

// Taken by a call (or counted in a record), and not given back when the function returns an error.
struct Leak {
  const clang::Stmt* taken = nullptr;
  const clang::Stmt* at_return = nullptr;
  std::string what;  // "kho_preserve_folio()", "parcel_ser.count"
  std::string undo;  // what would give it back
};

struct DoubleFree {
  const clang::CallExpr* first = nullptr;
  const clang::CallExpr* second = nullptr;
};

// A call failed, and the function returns a variable that is 0 by then.
struct SilentFailure {
  const clang::CallExpr* call = nullptr;
  const clang::Stmt* at_return = nullptr;
};

struct Paths {
  std::vector<Leak> leaks;
  std::vector<DoubleFree> double_frees;
  std::vector<SilentFailure> silent;
  bool gave_up = false;  // too many paths: what is listed is not all
};

const Paths& paths_of(const Unit& unit, const Function& in);

}  // namespace khover::c
