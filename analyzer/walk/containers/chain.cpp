#include "walk/containers/container.h"

namespace khover::walk {

void follow(const pack::plans::Chain& plan, Family& family) {
  std::optional<uint64_t> at = family.start(plan.at);
  for (uint32_t index = 0; at; ++index) {
    if (!family.visit(*at)) {
      return family.broken(*at, fmt::format("the chain returns to {:#x}, which another link points to", *at));
    }
    const uint32_t row = family.append(*at, 1, index);
    if (!family.pass_gates(row))
      return family.broken(*at, fmt::format("the chain cannot be followed past {:#x}", *at));
    const auto next = family.column(row, plan.next);
    at = !next || *next == 0 ? std::nullopt : std::optional(static_cast<uint64_t>(*next));
  }
}

}  // namespace khover::walk
