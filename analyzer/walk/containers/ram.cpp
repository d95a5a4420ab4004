#include "walk/containers/container.h"

namespace khover::walk {

void follow(const pack::plans::Ram&, Family& family) {
  if (!family.world().facts.ram) return;
  uint32_t index = 0;
  for (const image::Range& range : family.world().facts.ram->value)
    family.append(range.start, 1, index++, {range.start, range.length});
}

}  // namespace khover::walk
