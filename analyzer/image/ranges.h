// Arithmetic on lists of physical ranges.
#pragma once

#include <vector>

#include "image/image.h"

namespace khover::image {

// The union, sorted by start, adjacent and overlapping ranges joined, empty ones dropped.
std::vector<Range> join(std::vector<Range> ranges);

// Sorts by start; false when two of them overlap.
bool sort_disjoint(std::vector<NumaRange>& nodes);

// [start, start + length) cut so that its end does not wrap. The byte at 2^64 - 1 is given up
// for that; no machine has memory there.
Range clip(uint64_t start, uint64_t length);

}  // namespace khover::image
