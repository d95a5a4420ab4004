#include "walk/record_set.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace khover::walk {

const Extent& RecordSet::extent_of(uint32_t row) const {
  const auto after =
      std::upper_bound(extents.begin(), extents.end(), row,
                       [](uint32_t value, const Extent& extent) { return value < extent.first_row; });
  return *std::prev(after);
}

uint32_t RecordSet::parent_of(uint32_t row) const {
  if (!leaves.empty()) {
    const auto after =
        std::upper_bound(leaves.begin(), leaves.end(), row,
                         [](uint32_t value, const Leaf& leaf) { return value < leaf.first_row; });
    return leaf_parents[static_cast<size_t>(std::prev(after) - leaves.begin())];
  }
  if (extents.empty()) return kNone;
  return extent_of(row).parent;
}

uint64_t RecordSet::address_of(uint32_t row) const {
  if (!ranges.empty()) return ranges[row].start;
  if (extents.empty()) return 0;
  const Extent& extent = extent_of(row);
  return extent.address + uint64_t{row - extent.first_row} * type->stride;
}

int64_t RecordSet::function_value(pack::ColumnKind kind, uint32_t row) const {
  const PciRow& of = functions[row];
  const image::PciAddress above = of.function.upstream.value_or(image::PciAddress{});
  switch (kind) {
    case pack::ColumnKind::pci_domain:
      return of.function.address.domain;
    case pack::ColumnKind::pci_bdf:
      return of.function.address.bdf;
    case pack::ColumnKind::pci_bridge:
      return of.function.is_bridge ? 1 : 0;
    case pack::ColumnKind::pci_has_upstream:
      return of.function.upstream ? 1 : 0;
    case pack::ColumnKind::pci_upstream_domain:
      return above.domain;
    case pack::ColumnKind::pci_upstream_bdf:
      return above.bdf;
    default:
      return of.group_size;
  }
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

const Opening* RecordSet::opening_below(uint32_t parent) const {
  for (const Opening& opening : openings) {
    if (opening.parent == kNone || opening.parent == parent) return &opening;
  }
  return nullptr;
}

}  // namespace khover::walk
