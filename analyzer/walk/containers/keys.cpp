#include <bit>
#include <cstring>

#include "walk/containers/container.h"

namespace khover::walk {

// With the pages that hold them: radix.cpp.
void follow(const pack::plans::Keys&, Family&) {}

void append_leaf(World& world, RecordSet& keys, Leaf leaf) {
  uint64_t count = 0;
  for (uint64_t i = 0; i < leaf.size; i += 8) {
    uint64_t word;
    std::memcpy(&word, leaf.bytes + i, sizeof word);
    count += static_cast<uint64_t>(std::popcount(word));
  }
  world.map.add_leaf(leaf.first_key, leaf.bytes);
  if (count == 0 || keys.rows + count > kMaxRows) return;
  leaf.first_row = keys.rows;
  leaf.count = static_cast<uint32_t>(count);
  std::get<Keys>(keys.content).leaves.push_back(leaf);
  keys.rows += static_cast<uint32_t>(count);
}

}  // namespace khover::walk
