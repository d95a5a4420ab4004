#include <bit>

#include "walk/containers/container.h"

namespace khover::walk {

using pack::Integer;

// Bitmaps that a list names one by one. What the map says is known once all of them are.
void follow(const pack::plans::Bitmap& plan, Family& family) {
  World& world = family.world();
  const auto at = family.start(plan.at);
  const auto size = family.value(plan.bytes);
  const auto first = family.value(plan.first_key);
  if (!at || !size || !first) return;
  if (*size < 8 || *size > static_cast<Integer>(world.model->page_size) || (*size & (*size - 1)) != 0)
    return family.broken(*at, "a bitmap with a size that no ABI has");
  const auto bytes = static_cast<uint64_t>(*size);
  if (!world.has_map) {
    world.map = PreservedMap(world.model->page_shift, static_cast<uint32_t>(std::countr_zero(bytes * 8)));
    world.has_map = true;
  }
  if (*first < 0 || *first >> 64 != 0 || *first % (*size * 8) != 0)
    return family.broken(*at, "a bitmap that does not start at a key");
  const auto first_key = static_cast<uint64_t>(*first);
  if (!family.visit(first_key))
    return family.broken(*at, fmt::format("the bitmap {:#x} is for keys of another", *at));
  const std::byte* const bits = family.contiguous(*at, bytes);
  if (!bits) {
    world.map.add_hole(first_key, first_key + bytes * 8 - 1, *at);
    return family.hole(*at + family.present_bytes(*at, *size));
  }
  append_leaf(world, family.set(), {first_key, *at, bits, bytes, 0, 0, family.parent()});
}

// After a hole in the list there may be bitmaps for any key.
void finish(const pack::plans::Bitmap&, Walk& walk, RecordSet& keys) {
  World& world = walk.world;
  for (uint32_t in = keys.type->parent; in != kNone; in = world.sets[in].type->parent) {
    for (const Opening& opening : world.sets[in].openings) {
      if (opening.cause != Opening::Cause::hole) continue;
      world.has_map = true;
      world.map.add_hole(0, ~uint64_t{0}, opening.address);
    }
  }
  Family(walk, keys, kNone).pass_gates_from(0);
}

}  // namespace khover::walk
