#include <cstring>

#include "walk/containers/container.h"

namespace khover::walk {
namespace {

struct Page {
  uint64_t address = 0;
  uint64_t first_key = 0;
};

// Level by level, so that the rows of each set are in the order of their parents.
class Tree {
 public:
  Tree(Family& family, RecordSet& slots, RecordSet& keys, int table_bits, int bitmap_bits)
      : family_(family),
        world_(family.world()),
        slots_(slots),
        keys_(keys),
        table_bits_(table_bits),
        bitmap_bits_(bitmap_bits) {}

  void descend(uint64_t start, int depth) {
    std::vector<Page> pages = {{start, 0}};
    for (int level = depth - 1; level >= 0 && !pages.empty(); --level) {
      std::vector<Page> below;
      for (const Page& page : pages) read(page, level, below);
      pages = std::move(below);
    }
  }

 private:
  // log2 of the keys below one page of a level; the levels above may be wider than a key.
  int width(int level) const { return bitmap_bits_ + level * table_bits_; }

  void read(const Page& page, int level, std::vector<Page>& below) {
    const uint64_t size = world_.model->page_size;
    const uint32_t row = family_.append(page.address, 1, family_.set().rows, {static_cast<uint64_t>(level)});
    Family keys(family_.walk(), keys_, row);
    const std::byte* bytes = family_.contiguous(page.address, size);
    if (!family_.visit(page.address))
      return keys.broken(page.address, fmt::format("the radix page {:#x} is used twice", page.address));
    if (!bytes) {
      const uint64_t keys_below = width(level) >= 64 ? ~uint64_t{0} : (uint64_t{1} << width(level)) - 1;
      world_.map.add_hole(page.first_key, page.first_key + keys_below, page.address);
      keys.hole(page.address);
      return Family(family_.walk(), slots_, row).hole(page.address);
    }
    if (level == 0) return append_leaf(world_, keys_, {page.first_key, page.address, bytes, size, 0, 0, row});
    read_slots(page, level, bytes, row, below);
  }

  void read_slots(const Page& page, int level, const std::byte* bytes, uint32_t row,
                  std::vector<Page>& below) {
    Family slots(family_.walk(), slots_, row);
    const int shift = width(level - 1);
    for (uint64_t i = 0; i < uint64_t{1} << table_bits_; ++i) {
      uint64_t value;
      std::memcpy(&value, bytes + i * 8, sizeof value);
      if (value == 0) continue;
      const uint64_t at = page.address + i * 8;
      const uint32_t slot = slots.append(at, 1, static_cast<uint32_t>(i), {static_cast<uint64_t>(level)});
      if (slots.pass_gates(slot))
        below.push_back({value, page.first_key + (shift >= 64 ? 0 : i << shift)});
      else
        Family(family_.walk(), keys_, row)
            .broken(at, fmt::format("the slot at {:#x} cannot be followed", at));
    }
  }

  Family& family_;
  World& world_;
  RecordSet& slots_;
  RecordSet& keys_;
  int table_bits_;
  int bitmap_bits_;
};

}  // namespace

void follow(const pack::plans::Radix& plan, Family& family) {
  World& world = family.world();
  const auto depth = family.value(plan.depth);
  const auto table_bits = family.value(plan.table);
  const auto bitmap_bits = family.value(plan.bitmap);
  RecordSet* slots = family.along<pack::plans::Slots>();
  RecordSet* keys = family.along<pack::plans::Keys>();
  if (!depth || !table_bits || !bitmap_bits || !slots || !keys) return;
  const auto start = family.start(plan.at);
  if (!start) return;
  const uint64_t page_size = world.model->page_size;
  if (*table_bits < 3 || *table_bits > 62 || uint64_t{8} << static_cast<int>(*table_bits) != page_size ||
      *bitmap_bits < 3 || *bitmap_bits > 62 ||
      uint64_t{1} << static_cast<int>(*bitmap_bits) != page_size * 8 || *depth < 1) {
    return family.broken(*start, "the ABI's radix constants do not describe pages");
  }
  world.map = PreservedMap(world.model->page_shift, static_cast<uint32_t>(*bitmap_bits));
  world.has_map = true;
  Tree(family, *slots, *keys, static_cast<int>(*table_bits), static_cast<int>(*bitmap_bits))
      .descend(*start, static_cast<int>(*depth));
  Family(family.walk(), *keys, kNone).pass_gates_from(0);
}

}  // namespace khover::walk
