// What there is to look at: the units of a change, each as it is compiled in the tree after and before it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "error/error.h"
#include "extract/kernel_tree.h"
#include "review/review.h"
#include "review/run_unit.h"

namespace khover::review {

struct Task {
  std::string name;  // the file as its tree calls it
  series::Side side = series::Side::after;
  UnitRequest unit;
};

// `checks`: ids. A header becomes a unit of its own where no C file changes.
Result<std::vector<Task>> plan_units(const Request& request, const c::Table& table,
                                     const series::Change& change, const extract::KernelTree& tree,
                                     const std::set<std::string>& checks);

// The text of a file of the reviewed tree; "" where there is none.
std::string text_of(const extract::KernelTree& tree, const series::Change& change, const std::string& path,
                    series::Side side);

}  // namespace khover::review
