#include <fmt/format.h>

#include <unordered_map>

#include "evaluate/forms.h"

namespace khover::evaluate {

// The walk numbers the records of a chain in the order in which it meets them. A link that
// leads back to a record of the same chain closes a cycle; only the last one met can.
void decide_acyclic(Judge& judge) {
  const uint32_t set = judge.claim.set.set;
  const walk::RecordSet& records = judge.world.sets[set];
  const uint32_t next_column = pack::link_of(records.type->plan);
  std::unordered_map<uint64_t, uint32_t> by_address;
  for (uint32_t row = 0; row < records.rows; ++row) by_address.emplace(records.address_of(row), row);
  judge.each_batch(judge.claim.set, [&](std::span<const uint32_t> rows) {
    for (const uint32_t row : rows) {
      const auto next = judge.columns.column(set, next_column, row);
      if (!next.known || next.value == 0) {
        judge.holds();
        continue;
      }
      const auto target = by_address.find(static_cast<uint64_t>(next.value));
      if (target == by_address.end() || target->second > row ||
          records.parent_of(target->second) != records.parent_of(row)) {
        judge.holds();
        continue;
      }
      Instance instance;
      instance.other = RecordRef{set, target->second};
      instance.expected = "a chain that ends";
      instance.found =
          fmt::format("{} = {} leads back", records.type->columns[next_column].name, number_text(next.value));
      instance.field = records.type->columns[next_column].name;
      judge.violate({set, row}, std::move(instance));
    }
  });
  judge.close({set});
}

}  // namespace khover::evaluate
