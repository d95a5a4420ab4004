#include <fmt/format.h>

#include <algorithm>

#include "evaluate/forms.h"

namespace khover::evaluate {
namespace {

using pack::Integer;

struct Tile {
  Integer start, length;
  uint32_t row;
};

}  // namespace

// The records below one outer record, in the order of their start, must follow each other
// from the first to the last byte (or page, or index) of the outer range.
void decide_tiles(Judge& judge) {
  const pack::Claim& claim = judge.claim;
  const pack::RangeOver& over = claim.ranges[0];
  const uint32_t tile_set = over.set.set;
  walk::Lane start, length, where;
  std::vector<Tile> tiles;
  std::vector<uint32_t> rows;
  judge.each_batch(claim.set, [&](std::span<const uint32_t> outer_rows) {
    for (const uint32_t outer : outer_rows) {
      const RecordRef record{claim.set.set, outer};
      if (const walk::Opening* opening = judge.world.opening_below(tile_set, claim.tile_hops, outer)) {
        if (opening->cause == walk::Opening::Cause::broken) {
          judge.pass_over(Reason::broken, opening->why);
        } else {
          judge.undecided(record, *claim.length, "all records below");
          if (judge.outcome.unknown.size() <= kDescribed && judge.outcome.unknown.back().holes.empty()) {
            judge.outcome.unknown.back().holes.push_back(opening->address);
          }
        }
        continue;
      }
      const auto from = judge.columns.evaluate(*claim.start, claim.set.set, outer);
      const auto size = judge.columns.evaluate(*claim.length, claim.set.set, outer);
      if (!from.known || !size.known) {
        judge.undecided(record, from.known ? *claim.length : *claim.start, claim.length->source);
        continue;
      }
      const auto [first, last] = judge.world.rows_below(tile_set, claim.tile_hops, outer);
      tiles.clear();
      std::vector<Judge::Read> unknown;
      for (uint64_t at = first; at < last && unknown.empty(); at += walk::kBatch) {
        rows.clear();
        for (uint64_t row = at; row < std::min<uint64_t>(last, at + walk::kBatch); ++row)
          rows.push_back(static_cast<uint32_t>(row));
        if (over.set.where) judge.columns.evaluate(*over.set.where, tile_set, rows, where);
        judge.columns.evaluate(*over.start, tile_set, rows, start);
        judge.columns.evaluate(*over.length, tile_set, rows, length);
        for (size_t i = 0; i < rows.size(); ++i) {
          if (over.set.where && where.known[i] != 0 && where.values[i] == 0) continue;
          const RecordRef tile{tile_set, rows[i]};
          if (start.known[i] == 0) unknown.push_back({over.start.get(), tile});
          if (length.known[i] == 0) unknown.push_back({over.length.get(), tile});
          if (over.set.where && where.known[i] == 0) unknown.push_back({over.set.where.get(), tile});
          tiles.push_back({start.values[i], length.values[i], rows[i]});
        }
      }
      if (!unknown.empty()) {
        judge.undecided(record, unknown, over.start->source);
        continue;
      }
      const auto by_start = [](const Tile& a, const Tile& b) { return a.start < b.start; };
      if (!std::is_sorted(tiles.begin(), tiles.end(), by_start))
        std::stable_sort(tiles.begin(), tiles.end(), by_start);
      const Integer end = from.value + size.value;
      Integer next = from.value;
      const Tile* wrong = nullptr;
      std::string found;
      for (const Tile& tile : tiles) {
        if (tile.start != next || next >= end) {
          wrong = &tile;
          found = fmt::format("{} = {} after {}", over.start->source, number_text(tile.start),
                              next == from.value ? "nothing" : "one that ends at " + number_text(next));
          break;
        }
        next = tile.start + tile.length;
      }
      if (!wrong && next < end) found = "the last one ends at " + number_text(next);
      if (!wrong && next > end && !claim.overshoot) found = "the last one ends at " + number_text(next);
      if (found.empty()) {
        judge.holds();
        continue;
      }
      Instance instance;
      instance.expected = fmt::format("records that follow each other from {} to {}", number_text(from.value),
                                      number_text(end));
      instance.found = found;
      instance.field = over.start->source;
      if (wrong) instance.other = RecordRef{tile_set, wrong->row};
      judge.violate(record, std::move(instance));
    }
  });
  judge.close({claim.set.set});
}

}  // namespace khover::evaluate
