#include "walk/containers/container.h"

namespace khover::walk {

void follow(const pack::plans::Numa&, Family& family) {
  if (!family.world().facts.numa) return;
  uint32_t index = 0;
  for (const image::NumaRange& one : family.world().facts.numa->value)
    family.append(one.range.start, 1, index++, {one.range.start, one.range.length, one.node});
}

}  // namespace khover::walk
