#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "evaluate/forms.h"

namespace khover::evaluate {
namespace {

using pack::Integer;

struct Tile {
  Integer start, length;
  uint32_t row;
};

// The tiles below one outer record, by start, and what of them is unknown.
struct Family {
  std::vector<Tile> tiles;
  std::vector<Judge::Read> unknown;
};

Family read_family(Judge& judge, uint32_t outer) {
  const pack::RangeOver& over = judge.claim.ranges[0];
  const uint32_t set = over.set.set;
  walk::Lane start, length, where;
  std::vector<uint32_t> rows;
  Family family;
  const auto [first, last] = judge.world.rows_below(set, judge.claim.tile_hops, outer);
  for (uint64_t at = first; at < last && family.unknown.empty(); at += walk::kBatch) {
    rows.clear();
    for (uint64_t row = at; row < std::min<uint64_t>(last, at + walk::kBatch); ++row)
      rows.push_back(static_cast<uint32_t>(row));
    if (over.set.where) judge.columns.evaluate(*over.set.where, set, rows, where);
    judge.columns.evaluate(*over.start, set, rows, start);
    judge.columns.evaluate(*over.length, set, rows, length);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (over.set.where && where.known[i] != 0 && where.values[i] == 0) continue;
      const RecordRef tile{set, rows[i]};
      if (start.known[i] == 0) family.unknown.push_back({over.start.get(), tile});
      if (length.known[i] == 0) family.unknown.push_back({over.length.get(), tile});
      if (over.set.where && where.known[i] == 0) family.unknown.push_back({over.set.where.get(), tile});
      family.tiles.push_back({start.values[i], length.values[i], rows[i]});
    }
  }
  const auto by_start = [](const Tile& a, const Tile& b) { return a.start < b.start; };
  if (!std::is_sorted(family.tiles.begin(), family.tiles.end(), by_start))
    std::stable_sort(family.tiles.begin(), family.tiles.end(), by_start);
  return family;
}

struct Flaw {
  std::string found;
  uint32_t row = kNone;  // of the tile that is wrong; kNone: one is missing at the end, or reaches beyond
};

// Whether sorted tiles cover [first, end) without gap or overlap.
std::optional<Flaw> flaw_of(const pack::Claim& claim, const std::vector<Tile>& tiles, Integer first,
                            Integer end) {
  Integer next = first;
  for (const Tile& tile : tiles) {
    if (tile.start != next || next >= end) {
      return Flaw{fmt::format("{} = {} after {}", claim.ranges[0].start->source, number_text(tile.start),
                              next == first ? "nothing" : "one that ends at " + number_text(next)),
                  tile.row};
    }
    next = tile.start + tile.length;
  }
  if (next < end || (next > end && !claim.overshoot))
    return Flaw{"the last one ends at " + number_text(next)};
  return std::nullopt;
}

// What is missing below an outer record decides nothing.
void not_all_there(Judge& judge, RecordRef record, const walk::Opening& opening) {
  if (opening.cause == walk::Opening::Cause::broken) return judge.pass_over(Reason::broken, opening.why);
  judge.undecided(record, *judge.claim.length, "all records below");
  std::vector<Instance>& unknown = judge.outcome.unknown;
  if (unknown.size() <= kDescribed && unknown.back().holes.empty())
    unknown.back().holes.push_back(opening.address);
}

void judge_outer(Judge& judge, uint32_t outer) {
  const pack::Claim& claim = judge.claim;
  const RecordRef record{claim.set.set, outer};
  const uint32_t tile_set = claim.ranges[0].set.set;
  if (const walk::Opening* opening = judge.world.opening_below(tile_set, claim.tile_hops, outer))
    return not_all_there(judge, record, *opening);
  const auto from = judge.columns.evaluate(*claim.start, claim.set.set, outer);
  const auto size = judge.columns.evaluate(*claim.length, claim.set.set, outer);
  if (!from.known || !size.known)
    return judge.undecided(record, from.known ? *claim.length : *claim.start, claim.length->source);
  const Family family = read_family(judge, outer);
  const std::string& start = claim.ranges[0].start->source;
  if (!family.unknown.empty()) return judge.undecided(record, family.unknown, start);
  const Integer end = from.value + size.value;
  const std::optional<Flaw> flaw = flaw_of(claim, family.tiles, from.value, end);
  if (!flaw) return judge.holds();
  Instance instance;
  instance.expected =
      fmt::format("records that follow each other from {} to {}", number_text(from.value), number_text(end));
  instance.found = flaw->found;
  instance.field = start;
  if (flaw->row != kNone) instance.other = RecordRef{tile_set, flaw->row};
  judge.violate(record, std::move(instance));
}

}  // namespace

// The records below one outer record, in the order of their start, must follow each other
// from the first to the last byte (or page, or index) of the outer range.
void decide_tiles(Judge& judge) {
  judge.each_batch(judge.claim.set, [&](std::span<const uint32_t> rows) {
    for (const uint32_t outer : rows) judge_outer(judge, outer);
  });
  judge.close({judge.claim.set.set});
}

}  // namespace khover::evaluate
