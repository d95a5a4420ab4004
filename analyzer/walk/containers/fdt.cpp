#include "walk/fdt.h"

#include "walk/containers/container.h"

namespace khover::walk {

void follow(const pack::plans::Fdt& plan, Family& family) {
  const auto at = family.start(plan.at);
  if (!at) return;
  if (!family.visit(*at))
    return family.broken(*at, fmt::format("{:#x} is already another {}", *at, family.type().singular));
  const auto limit = family.value(plan.limit);
  if (!limit) return;
  if (const auto read = read_fdt(family.world(), family.set(), *at, static_cast<uint64_t>(*limit)); !read)
    return family.hole(read.error().address);
  family.pass_gates_from(family.append(*at, 1, 0));
}

}  // namespace khover::walk
