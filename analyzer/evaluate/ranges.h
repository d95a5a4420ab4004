// Physical ranges of many records as sorted runs.
#pragma once

#include <vector>

#include "evaluate/judge.h"

namespace khover::evaluate {

// Ranges of consecutive records that touch each other are one run: bulk sets shrink to
// a few. Which record owns an address is found again by owner().
struct Run {
  pack::Integer start = 0;
  pack::Integer end = 0;
  uint32_t source = 0;  // index into the list of RangeOver
  uint32_t row = 0;     // of the first record
};

enum class Role { subject, reference };  // of the sources, in the claim
enum class Join { touching, none };

// Empty ranges are left out. Sorted by start.
std::vector<Run> collect_runs(Judge& judge, const std::vector<pack::RangeOver>& sources, Role role,
                              Join join = Join::touching);

// The record of the run that covers `address`.
RecordRef owner(Judge& judge, const std::vector<pack::RangeOver>& sources, const Run& run,
                pack::Integer address);

// The same for addresses that come in order: where the last search along the run ended. Begins at {run.row,
// run.start}.
struct Along {
  uint32_t row = 0;
  pack::Integer at = 0;
};
RecordRef owner(Judge& judge, const std::vector<pack::RangeOver>& sources, const Run& run,
                pack::Integer address, Along& along);

// Runs joined where they touch or overlap.
std::vector<Run> joined(const std::vector<Run>& sorted);

}  // namespace khover::evaluate
