// What one unit gave.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lint/finding.h"
#include "lint/suppressions.h"

namespace khover::review {

struct Findings {
  std::vector<lint::Finding> findings;
  std::vector<std::pair<std::string, std::string>> not_judged;  // check, why
  std::vector<lint::Extent> functions;                          // a comment above one speaks of all of it
};

}  // namespace khover::review
