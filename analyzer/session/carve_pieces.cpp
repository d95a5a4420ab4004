#include "session/carve_pieces.h"

#include <fmt/format.h>

#include <algorithm>

#include "output/printable.h"
#include "walk/vm/columns.h"

namespace khover::session {
namespace {

using pack::Integer;

// What is not a structure's own length but a number from the image: a damaged one must not pull in
// memory of others. No structure of any ABI asks the page allocator for more than its largest block.
constexpr Integer kMaxStructure = Integer{4} << 20;

class Collector {
 public:
  explicit Collector(const walk::World& world) : world_(world), columns_(world) {}

  Pieces collect() {
    for (const walk::FdtBlob& blob : world_.blobs) keep(blob.address, blob.bytes.size());
    for (uint32_t i = 0; i < world_.sets.size(); ++i) {
      records(world_.sets[i]);
      if (world_.sets[i].type->allocation) allocations(world_.sets[i]);
    }
    for (const pack::Rule& rule : world_.model->rules) {
      if (rule.claim.form == pack::Form::row) zeroes(*rule.claim.predicate, rule.claim.set.set);
    }
    for (const walk::Unhandled& one : world_.unhandled) {
      result_.left_out.push_back(
          {fmt::format("{} \"{}\": no pack follows it", world_.sets[one.set].type->singular,
                       output::printable(one.name)),
           0});
    }
    result_.kept = present(joined(std::move(ranges_)));
    return std::move(result_);
  }

 private:
  void keep(uint64_t start, uint64_t length) {
    if (length == 0 || length > ~start) return;
    // Records come side by side by the million.
    if (!ranges_.empty() && ranges_.back().end() == start)
      ranges_.back().length += length;
    else
      ranges_.push_back({start, length});
  }

  void records(const walk::RecordSet& set) {
    const pack::SetType& type = *set.type;
    // Nodes are in a device tree; RAM and NUMA are facts and no bytes: their stride is 0.
    for (const walk::Extent& extent : set.extents) keep(extent.address, extent.count * type.stride);
    if (const walk::Keys* keys = set.keys()) {
      for (const walk::Leaf& leaf : keys->leaves) keep(leaf.address, leaf.size);
    }
  }

  void allocations(const walk::RecordSet& set) {
    const pack::Allocation& allocation = *set.type->allocation;
    // A device tree's page ends in whatever was there before.
    if (!allocation.is_data && set.nodes()) return;
    uint64_t count = 0;
    unsigned __int128 bytes = 0;
    std::vector<uint32_t> batch;
    for (uint64_t from = 0; from < set.rows; from += walk::kBatch) {
      batch.clear();
      for (uint64_t row = from; row < std::min<uint64_t>(set.rows, from + walk::kBatch); ++row) {
        batch.push_back(static_cast<uint32_t>(row));
      }
      walk::Lane when, start, length;
      if (allocation.when) columns_.evaluate(*allocation.when, set.index, batch, when);
      columns_.evaluate(*allocation.at, set.index, batch, start);
      columns_.evaluate(*allocation.length, set.index, batch, length);
      for (size_t i = 0; i < batch.size(); ++i) {
        const auto value = [&](const walk::Lane& lane) {
          return lane.values[lane.values.size() == 1 ? 0 : i];
        };
        const auto known = [&](const walk::Lane& lane) {
          return lane.known[lane.known.size() == 1 ? 0 : i] != 0;
        };
        if (allocation.when && (!known(when) || value(when) == 0)) continue;
        if (!known(start) || !known(length) || value(length) <= 0 || value(start) < 0 ||
            value(start) >> 64 != 0)
          continue;
        if (allocation.is_data) {
          ++count;
          bytes += static_cast<unsigned __int128>(value(length));
        } else if (value(length) <= kMaxStructure && !set.is_condemned(batch[i])) {
          keep(static_cast<uint64_t>(value(start)), static_cast<uint64_t>(value(length)));
        }
      }
    }
    if (count == 0) return;
    const std::string& noun = count == 1 || set.type->plural.empty() ? set.type->singular : set.type->plural;
    result_.left_out.push_back({fmt::format("{} {}", count, noun),
                                static_cast<uint64_t>(std::min<unsigned __int128>(bytes, ~uint64_t{0}))});
  }

  static bool asks_other_sets(const pack::Expr& expr) {
    return expr.op == pack::Op::term ||
           std::any_of(expr.args.begin(), expr.args.end(),
                       [](const pack::ExprPtr& arg) { return asks_other_sets(*arg); });
  }

  // What a rule wants to be zero, and is: it tells nobody anything, and the rule is judged again.
  void zeroes(const pack::Expr& expr, uint32_t set) {
    for (const pack::ExprPtr& arg : expr.args) zeroes(*arg, set);
    if (expr.op != pack::Op::call || expr.function != pack::Function::zero || asks_other_sets(expr)) return;
    for (uint32_t row = 0; row < world_.sets[set].rows; ++row) {
      const auto from = columns_.evaluate(*expr.args[0], set, row),
                 to = columns_.evaluate(*expr.args[1], set, row);
      const auto zero = columns_.evaluate(expr, set, row);
      if (!zero.known || zero.value == 0 || from.value >= to.value || to.value - from.value > kMaxStructure)
        continue;
      keep(static_cast<uint64_t>(from.value), static_cast<uint64_t>(to.value - from.value));
    }
  }

  static std::vector<image::Range> joined(std::vector<image::Range> ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    std::vector<image::Range> result;
    for (const image::Range& range : ranges) {
      if (result.empty() || range.start > result.back().end())
        result.push_back(range);
      else
        result.back().length = std::max(result.back().end(), range.end()) - result.back().start;
    }
    return result;
  }

  // The parts of `ranges` that the dump has.
  std::vector<image::Range> present(const std::vector<image::Range>& ranges) const {
    const std::vector<image::Range>& all = world_.memory->present();
    std::vector<image::Range> result;
    auto there = all.begin();
    for (const image::Range& range : ranges) {
      while (there != all.end() && there->end() <= range.start) ++there;
      for (auto one = there; one != all.end() && one->start < range.end(); ++one) {
        const uint64_t start = std::max(range.start, one->start);
        result.push_back({start, std::min(range.end(), one->end()) - start});
      }
    }
    return result;
  }

  const walk::World& world_;
  walk::Columns columns_;
  std::vector<image::Range> ranges_;
  Pieces result_;
};

}  // namespace

Pieces structure_pieces(const walk::World& world) { return Collector(world).collect(); }

}  // namespace khover::session
