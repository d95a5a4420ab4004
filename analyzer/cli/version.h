// What --version prints.
#pragma once
#include <string>

namespace khover::cli {

// Short hash of the commit that was built, ", modified" if the tree differed from it. Empty if the tree has
// neither git nor a hash that `git archive` left.
extern const char* const kCommit;

// "khover 0.2.0 (commit 98d8d72c51a0)"
inline std::string version_line(const std::string& program, const std::string& version) {
  const std::string line = program + " " + version;
  return *kCommit == '\0' ? line : line + " (commit " + kCommit + ")";
}

}  // namespace khover::cli
