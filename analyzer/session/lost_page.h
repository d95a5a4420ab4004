// A page of the preserved memory map that is still in memory, and that the map does not lead to any more. One
// bad slot takes away all keys below it, so that records all over the image are found to be not preserved;
// none of them is what is damaged.
#pragma once

#include <string>
#include <vector>

#include "evaluate/outcome.h"
#include "walk/world.h"

namespace khover::session {

struct LostPage {
  std::string holder;    // of the pointer that is wrong, in words
  std::string pointer;   // "slot 3"
  uint64_t address = 0;  // physical, of the slot
  uint64_t was = 0;      // what is in it
  uint64_t page = 0;     // what would have to be in it
  size_t keys = 0;       // that are missing and that the page has
};

// `missing`: records that are not preserved, each with the rule that objects. Nullopt where no page of a
// radix tree has most of their keys, they are too few to tell, or the dump is too large to be searched.
struct NotPreserved {
  uint32_t rule = pack::kNone;
  evaluate::RecordRef record;
};
std::vector<LostPage> find_lost_pages(const walk::World& world, const std::vector<NotPreserved>& missing);

}  // namespace khover::session
