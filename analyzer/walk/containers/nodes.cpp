#include "walk/containers/container.h"
#include "walk/fdt.h"

namespace khover::walk {

void follow(const pack::plans::Nodes&, Family& family) {
  RecordSet& set = family.set();
  const World& world = family.world();
  const auto& rows = std::get<Nodes>(set.content).rows;
  const size_t before = rows.size();
  const FdtRow& above = world.sets[family.type().parent].nodes()->rows[family.parent()];
  read_fdt_children(world, above, set);
  const uint32_t first = set.rows;
  for (size_t i = before; i < rows.size(); ++i)
    family.append(node_address(world, rows[i]), 1, static_cast<uint32_t>(i - before));
  family.pass_gates_from(first);
}

}  // namespace khover::walk
