#include "walk/containers/container.h"

namespace khover::walk {

// Several may refer to one record.
void follow(const pack::plans::OneOf& plan, Family& family) {
  const auto at = family.start(plan.at);
  if (!at) return;
  const RecordSet& others = family.walk().set(plan.set.index);
  if (family.walk().has_record_at(others, *at)) {
    family.pass_gates_from(family.append(*at, 1, 0));
  } else if (const Opening* opening = family.world().opening(others.index)) {
    family.set().open({opening->cause, family.parent(), *at, opening->why});
  } else {
    family.broken(*at, fmt::format("no {} is at {:#x}", others.type->singular, *at));
  }
}

}  // namespace khover::walk
