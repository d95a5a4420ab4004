// Checks on the C code that writes and reads images. The code is parsed, never executed; each unit in a
// process of its own, with limits, so that hostile code can harm nothing but its own review.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "c/table.h"
#include "error/error.h"
#include "findings/finding.h"
#include "series/change.h"

namespace khover::review {

struct Request {
  std::string tree;
  std::string generated;
  std::string arch;
  std::vector<std::string> overrides;            // as extract -D
  std::vector<std::string> include_directories;  // searched after the tree's own
  std::vector<std::string> allowed;              // folders outside of the tree that may be read
  std::string compile_commands;                  // file; "": the tree's own, if it has one
  std::string checks = "*";
  bool whole = false;      // every finding, not only those that the change brings
  unsigned seconds = 120;  // of processor time for a unit
  uint64_t memory = 4096;  // MiB for a unit
};

struct Review {
  findings::Report report;
  std::vector<findings::Finding> older;  // were there before the change
  bool anything_parsed = false;          // or there was nothing to parse; what was not is in the report
};

Result<Review> review(const Request& request, const c::Table& table, const series::Change& change);

}  // namespace khover::review
