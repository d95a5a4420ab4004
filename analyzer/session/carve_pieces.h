// What of a dump is the handover's own structure, byte by byte, and what is not.
#pragma once

#include <string>
#include <vector>

#include "walk/world.h"

namespace khover::session {

struct LeftOut {
  std::string what;
  uint64_t bytes = 0;  // 0: not known
};

struct Pieces {
  std::vector<image::Range> kept;  // sorted, disjoint, present in the dump
  std::vector<LeftOut> left_out;
};

// Kept: every record that the walk reached, device trees up to their totalsize, the pages of the
// preserved memory map, and the whole pages that the kernel allocated for a structure and nothing else.
// Never an allocation that holds a user's data.
Pieces structure_pieces(const walk::World& world);

}  // namespace khover::session
