// What a change does to the headers of the ABI: the checks of khover abi lint, and the comparison of khover
// abi diff, on the tree before and after it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "c/table.h"
#include "error/error.h"
#include "findings/finding.h"
#include "review/findings.h"
#include "series/change.h"
#include "series/git.h"

namespace khover::review {

inline constexpr const char* layout_check = "layout-change";

// A tree with nothing but headers, in a folder of its own: those on disk, and `change` on top, or what was
// there before it.
Result<std::unique_ptr<series::TemporaryFolder>> header_tree(const std::string& source,
                                                             const std::string& arch_folder,
                                                             const series::Change& change, series::Side side);

struct HeaderRequest {
  std::string tree;       // of header_tree()
  std::string generated;  // configured tree
  std::vector<std::string> overrides;
  std::vector<std::string> allowed;  // folders that may be read besides
  std::string sources;               // the whole tree on disk
  // Its C files that the change puts there, or that were there before it; "": taken away.
  std::map<std::string, std::string> replaced;
};

// The checks of lint; for one tree.
Result<Findings> lint_headers(const HeaderRequest& request);
// One finding for each record that is read differently.
Result<Findings> compare_headers(const HeaderRequest& before, const HeaderRequest& after);

// The checks that these two run.
std::vector<findings::CheckInfo> header_checks();

}  // namespace khover::review
