// Parses one unit and runs the checks on it. Nothing of clang shows.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "c/table.h"
#include "error/error.h"
#include "review/findings.h"

namespace khover::review {

struct UnitRequest {
  std::vector<std::string> flags;
  std::string path;                                          // of the unit, absolute
  std::vector<std::pair<std::string, std::string>> overlay;  // path, text
  std::vector<std::string> folders;                          // that may be read
  std::vector<std::string> roots;                            // files are named relative to these
  std::set<std::string> reviewed;                            // names of files
  std::set<std::string> checks;                              // ids
  std::map<std::string, c::Elsewhere> elsewhere;             // functions of the other files of the review
};

// An error where nothing of the unit can be judged.
Result<Findings> run_unit(const UnitRequest& request, const c::Table& table);

}  // namespace khover::review
