#include "walk/containers/container.h"

namespace khover::walk {

void follow(const pack::plans::Record& plan, Family& family) {
  const auto at = family.start(plan.at);
  if (!at) return;
  if (!family.visit(*at))
    return family.broken(*at, fmt::format("{:#x} is already another {}", *at, family.type().singular));
  family.pass_gates_from(family.append(*at, 1, 0));
}

}  // namespace khover::walk
