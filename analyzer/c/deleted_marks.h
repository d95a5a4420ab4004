// The mark that says of a record that it is gone: "deleted" members and flags.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "c/unit.h"

namespace khover::c {

// Whether a record, or one in it, has a member that says that it is gone.
bool has_mark(const Unit& unit, const clang::RecordDecl* record, unsigned depth = 0);

struct Marks {
  std::set<const clang::VarDecl*> variables;  // whose mark is written, whatever with
  // Assignments that say "gone" of a variable; null: of no plain variable.
  std::vector<std::pair<const clang::Stmt*, const clang::VarDecl*>> set;
};
const Marks& marks_of(const Unit& unit, const Function& in);

}  // namespace khover::c
