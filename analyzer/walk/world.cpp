#include "walk/world.h"

namespace khover::walk {

uint64_t StringTable::id(std::string_view text) {
  const auto found = ids_.find(text);
  if (found != ids_.end()) return found->second;
  texts_.emplace_back(text);
  const uint64_t next = texts_.size() - 1;
  ids_.emplace(texts_.back(), next);
  return next;
}

uint32_t World::ancestor(uint32_t set, uint32_t row, uint32_t hops) const {
  for (; hops > 0; --hops, set = model->sets[set].parent) row = sets[set].parent_of(row);
  return row;
}

std::pair<uint32_t, uint32_t> World::rows_below(uint32_t set, uint32_t hops, uint32_t ancestor) const {
  if (hops == 0) return {ancestor, ancestor + 1};
  const auto [first, last] = rows_below(model->sets[set].parent, hops - 1, ancestor);
  if (first == last) return {0, 0};
  return {sets[set].children_of(first).first, sets[set].children_of(last - 1).second};
}

const Opening* World::opening_below(uint32_t set, uint32_t hops, uint32_t ancestor) const {
  for (; hops > 0; --hops, set = model->sets[set].parent) {
    if (sets[set].openings.empty()) continue;
    const auto [first, last] = rows_below(model->sets[set].parent, hops - 1, ancestor);
    for (uint32_t row = first; row < last; ++row) {
      if (const Opening* found = sets[set].opening_below(row)) return found;
    }
  }
  return nullptr;
}

const Opening* World::opening(uint32_t set) const {
  for (; set != kNone; set = model->sets[set].parent) {
    if (!sets[set].openings.empty()) return &sets[set].openings.front();
  }
  return nullptr;
}

}  // namespace khover::walk
