// Arithmetic on lists of physical ranges.
#pragma once

#include <optional>
#include <vector>

#include "image/image.h"

namespace khover::image {

// The union, sorted by start, adjacent and overlapping ranges joined, empty ones dropped.
std::vector<Range> join(std::vector<Range> ranges);

// Sorts by start; false when two of them overlap.
bool sort_disjoint(std::vector<NumaRange>& nodes);

// The node of an address, of ranges as Facts has them: sorted by start, disjoint. Logarithmic.
std::optional<uint32_t> node_at(const std::vector<NumaRange>& nodes, uint64_t address);

// [start, start + length) cut so that its end does not wrap. The byte at 2^64 - 1 is given up
// for that; no machine has memory there.
Range clip(uint64_t start, uint64_t length);

}  // namespace khover::image
