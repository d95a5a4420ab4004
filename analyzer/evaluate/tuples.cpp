#include "evaluate/tuples.h"

namespace khover::evaluate {

void read_tuples(walk::Columns& columns, const std::vector<pack::ExprPtr>& exprs, uint32_t set,
                 std::span<const uint32_t> rows, TupleBatch& out) {
  out.tuples.assign(rows.size(), Tuple{});
  out.known.assign(rows.size(), 1);
  walk::Lane lane;
  for (size_t k = 0; k < exprs.size() && k < kMaxTuple; ++k) {
    columns.evaluate(*exprs[k], set, rows, lane);
    for (size_t i = 0; i < rows.size(); ++i) {
      out.tuples[i].values[k] = lane.values[i];
      out.known[i] = static_cast<uint8_t>(out.known[i] & lane.known[i]);
    }
  }
}

}  // namespace khover::evaluate
