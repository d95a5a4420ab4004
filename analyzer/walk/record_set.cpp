#include "walk/record_set.h"

#include <algorithm>

namespace khover::walk {

const Leaf& Keys::leaf_of(uint32_t row) const {
  const auto after =
      std::upper_bound(leaves.begin(), leaves.end(), row,
                       [](uint32_t value, const Leaf& leaf) { return value < leaf.first_row; });
  return *std::prev(after);
}

Content empty_content(pack::RowKind kind) {
  switch (kind) {
    case pack::RowKind::records:
      return Records{};
    case pack::RowKind::nodes:
      return Nodes{};
    case pack::RowKind::keys:
      return Keys{};
  }
  return {};
}

uint64_t RecordSet::number(uint32_t row, uint32_t which) const {
  return std::get<Records>(content).numbers[size_t{row} * type->numbers + which];
}

const Extent& RecordSet::extent_of(uint32_t row) const {
  const auto after =
      std::upper_bound(extents.begin(), extents.end(), row,
                       [](uint32_t value, const Extent& extent) { return value < extent.first_row; });
  return *std::prev(after);
}

uint32_t RecordSet::parent_of(uint32_t row) const {
  if (const Keys* of = keys()) return of->leaf_of(row).parent;
  return extent_of(row).parent;
}

uint64_t RecordSet::address_of(uint32_t row) const {
  if (extents.empty()) return 0;
  const Extent& extent = extent_of(row);
  return extent.address + uint64_t{row - extent.first_row} * type->stride;
}

std::pair<uint32_t, uint32_t> RecordSet::children_of(uint32_t parent) const {
  const auto first =
      std::lower_bound(extents.begin(), extents.end(), parent,
                       [](const Extent& extent, uint32_t value) { return extent.parent < value; });
  const auto last =
      std::upper_bound(extents.begin(), extents.end(), parent,
                       [](uint32_t value, const Extent& extent) { return value < extent.parent; });
  const uint32_t begin = first == extents.end() ? rows : first->first_row;
  const uint32_t end = last == extents.end() ? rows : last->first_row;
  return {begin, std::max(begin, end)};
}

bool RecordSet::is_condemned(uint32_t row) const {
  return std::binary_search(condemned.begin(), condemned.end(), row);
}

void RecordSet::open(Opening opening) {
  first_openings.try_emplace(opening.parent, static_cast<uint32_t>(openings.size()));
  openings.push_back(std::move(opening));
}

const Opening* RecordSet::opening_below(uint32_t parent) const {
  if (openings.empty()) return nullptr;
  const auto any = first_openings.find(kNone), own = first_openings.find(parent);
  auto first = static_cast<uint32_t>(openings.size());
  if (any != first_openings.end()) first = any->second;
  if (own != first_openings.end()) first = std::min(first, own->second);
  return first < openings.size() ? &openings[first] : nullptr;
}

}  // namespace khover::walk
