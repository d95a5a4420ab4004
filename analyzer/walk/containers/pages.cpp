#include <algorithm>

#include "walk/containers/container.h"

namespace khover::walk {

using pack::Integer;

void follow(const pack::plans::Pages& plan, Family& family) {
  World& world = family.world();
  RecordSet& set = family.set();
  const uint32_t of = plan.of_set.index;
  const RecordSet& pages = world.sets[of];
  const uint32_t hops = world.model->hops_to(of, family.type().parent);
  const auto [first, last] = world.rows_below(of, hops, family.parent());
  if (const Opening* opening = world.opening_below(of, hops, family.parent()))
    set.open({opening->cause, family.parent(), opening->address, opening->why});
  const auto wanted = family.value(plan.count);
  const auto page_size = family.value(plan.size);
  if (!wanted || *wanted <= 0 || !page_size || *page_size <= 0) return;
  const uint64_t stride = family.type().stride;
  const auto bytes_per_page = static_cast<uint64_t>(std::min<Integer>(*page_size, Integer{1} << 62));
  auto left = static_cast<uint64_t>(std::min<Integer>(*wanted, Integer{kMaxRows} - set.rows));
  uint32_t index = 0;
  for (uint32_t row = first; row < last && left > 0; ++row) {
    if (pages.is_condemned(row))
      return family.broken(pages.address_of(row), "a page of the array cannot be followed");
    const auto address = static_cast<uint64_t>(family.walk().columns.column(of, plan.page.index, row).value);
    const uint64_t count = std::min(left, bytes_per_page / stride);
    if (count == 0) break;  // records larger than a page: no ABI has them
    if (address % world.model->page_size != 0)
      family.broken(address, fmt::format("{:#x} is not the address of a page", address));
    else if (!family.visit(address))
      family.broken(address, fmt::format("duplicate page {:#x}", address));
    else if (family.claim(address, static_cast<Integer>(count * stride)) == count * stride)
      family.pass_gates_from(family.append(address, static_cast<uint32_t>(count), index));
    index += static_cast<uint32_t>(count);
    left -= count;
  }
  if (left > 0 && !set.opening_below(family.parent()))
    family.broken(0, fmt::format("{} records have no page", left));
}

}  // namespace khover::walk
