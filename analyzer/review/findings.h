// What one unit gave.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "c/table.h"
#include "findings/finding.h"
#include "findings/suppressions.h"

namespace khover::review {

struct Findings {
  std::map<std::string, c::Elsewhere> offers;  // its functions that other files can call
  std::set<std::string> asks;                  // functions that it calls and that are in none of its files
  std::vector<findings::Finding> findings;
  std::vector<std::pair<std::string, std::string>> not_judged;  // check, why
  std::vector<findings::Extent> functions;  // that were judged; a comment above one speaks of all of it
  std::vector<findings::LeftOut> left_out;
  std::set<std::string> undeclared;  // functions that it calls and nothing declares
};

}  // namespace khover::review
