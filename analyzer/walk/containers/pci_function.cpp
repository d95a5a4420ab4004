#include <algorithm>

#include "walk/containers/container.h"

namespace khover::walk {

namespace {

struct GroupSizes {
  std::unordered_map<uint32_t, uint32_t> of;  // functions of each IOMMU group
};

// Functions of its IOMMU group; 0: it has none.
uint64_t group_size(GroupSizes& sizes, const std::vector<image::PciFunction>& functions,
                    const image::PciFunction& one) {
  if (!one.group) return 0;
  if (sizes.of.empty()) {
    for (const image::PciFunction& other : functions) {
      if (other.group) ++sizes.of[*other.group];
    }
  }
  return sizes.of[*one.group];
}

}  // namespace

// Its place is that of the record that has its identity: the host's bytes are not in the image.
void follow(const pack::plans::PciFunction& plan, Family& family) {
  const World& world = family.world();
  if (!world.facts.topology) return;
  const auto domain = family.value(plan.domain);
  const auto bdf = family.value(plan.bdf);
  if (!domain || !bdf || *domain < 0 || *domain > kNone || *bdf < 0 || *bdf > 0xffff) return;
  const image::PciAddress wanted{static_cast<uint32_t>(*domain), static_cast<uint16_t>(*bdf)};
  const auto& functions = world.facts.topology->value;
  const auto found = std::lower_bound(
      functions.begin(), functions.end(), wanted,
      [](const image::PciFunction& one, const image::PciAddress& address) { return one.address < address; });
  if (found == functions.end() || found->address != wanted) return;
  const image::PciAddress above = found->upstream.value_or(image::PciAddress{});
  family.append(
      world.sets[family.type().parent].address_of(family.parent()), 1, 0,
      {found->address.domain, found->address.bdf, found->is_bridge, found->upstream.has_value(), above.domain,
       above.bdf, group_size(family.walk().notes<GroupSizes>(family.set()), functions, *found)});
}

}  // namespace khover::walk
