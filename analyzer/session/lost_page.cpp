#include "session/lost_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <set>
#include <unordered_set>
#include <variant>

#include "session/records.h"
#include "walk/content/read.h"
#include "walk/vm/columns.h"

namespace khover::session {
namespace {

using pack::kNone;

constexpr uint64_t kSearched = uint64_t{4} << 30;  // bytes of a dump
constexpr size_t kTell = 3;                        // fewer keys may be in any page by chance

class Search {
 public:
  Search(const walk::World& world, uint32_t tree) : world_(world), tree_(tree), columns_(world) {}

  std::vector<LostPage> run(const std::vector<NotPreserved>& missing) {
    const auto& plan = std::get<pack::plans::Radix>(world_.model->sets[tree_].plan);
    const uint32_t parent = world_.model->sets[tree_].parent;
    const auto top = value(plan.at, parent), depth = value(plan.depth, parent);
    const auto table = value(plan.table, parent), bitmap = value(plan.bitmap, parent);
    if (!top || !depth || !table || !bitmap || *table > 62 || *bitmap > 62 || *depth > 64) return {};
    table_ = static_cast<int>(*table);
    bitmap_ = static_cast<int>(*bitmap);
    for (const NotPreserved& one : missing) {
      if (const auto key = key_of(one)) keys_.insert(*key);
    }
    if (keys_.size() < kTell) return {};
    std::vector<LostPage> all;
    for (int level = 1; level < static_cast<int>(*depth); ++level) {
      if (auto found = at_level(*top, static_cast<int>(*depth), level)) all.push_back(std::move(*found));
    }
    if (auto found = at_the_top(plan, parent, *top, static_cast<int>(*depth)))
      all.push_back(std::move(*found));
    return all;
  }

 private:
  std::optional<uint64_t> value(const pack::plans::Value& of, uint32_t set) {
    const auto found = columns_.evaluate(*of.expr, set, 0);
    if (!found.known || found.value < 0 || found.value >> 64 != 0) return std::nullopt;
    return static_cast<uint64_t>(found.value);
  }

  // The first key that the record should have.
  std::optional<uint64_t> key_of(const NotPreserved& one) {
    const pack::Claim& claim = world_.model->rules[one.rule].claim;
    const auto start = columns_.evaluate(*claim.start, one.record.set, one.record.row);
    const auto length = columns_.evaluate(*claim.length, one.record.set, one.record.row);
    if (!start.known || !length.known || start.value < 0 || length.value <= 0 || start.value >> 64 != 0 ||
        length.value >> 63 != 0)
      return std::nullopt;
    const auto phys = static_cast<uint64_t>(start.value);
    const uint64_t pages = (static_cast<uint64_t>(length.value) - 1) / world_.model->page_size + 1;
    int order = static_cast<int>(std::bit_width(pages - 1));
    if (claim.preserved_as == pack::PreservedAs::natural_keys)
      order = std::min(static_cast<int>(std::bit_width(pages)) - 1,
                       std::countr_zero(phys / world_.model->page_size));
    else if (claim.preserved_as == pack::PreservedAs::covered)
      return std::nullopt;
    if (order < 0 || order > world_.map.max_order()) return std::nullopt;
    if (world_.map.contains(phys, order) == walk::Answer::yes) return std::nullopt;
    return world_.map.encode(phys, order);
  }

  int width(int level) const { return std::min(bitmap_ + level * table_, 64); }

  std::optional<uint64_t> word(uint64_t address) const {
    const auto bytes = world_.memory->run(address);
    if (bytes.size() < sizeof(uint64_t)) return std::nullopt;
    uint64_t value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  uint64_t slot_at(uint64_t key, int level) const {
    const int shift = width(level - 1);
    return shift >= 64 ? 0 : key >> shift & ((uint64_t{1} << table_) - 1);
  }

  // Whether the page, as one of this level, has the key.
  bool has(uint64_t page, int level, uint64_t key) const {
    for (; level > 0; --level) {
      const auto next = word(page + slot_at(key, level) * sizeof(uint64_t));
      if (!next || *next == 0 || *next % world_.model->page_size != 0) return false;
      page = *next;
    }
    const uint64_t bit = key & ((uint64_t{1} << bitmap_) - 1);
    const auto bits = word(page + bit / 64 * sizeof(uint64_t));
    return bits && (*bits >> bit % 64 & 1) != 0;
  }

  // The page of this level on the way to the key.
  std::optional<uint64_t> page_for(uint64_t top, int depth, int level, uint64_t key) const {
    uint64_t page = top;
    for (int at = depth - 1; at > level; --at) {
      const auto next = word(page + slot_at(key, at) * sizeof(uint64_t));
      if (!next || *next == 0) return std::nullopt;
      page = *next;
    }
    return page;
  }

  // A slot of a page of this level that has lost what was below it: the one with most of the missing keys.
  std::optional<LostPage> at_level(uint64_t top, int depth, int level) const {
    std::map<uint64_t, std::vector<uint64_t>> by_slot;  // by what its keys begin with
    const int below = width(level - 1);
    for (const uint64_t key : keys_) by_slot[below >= 64 ? 0 : key >> below].push_back(key);
    const auto most = std::max_element(by_slot.begin(), by_slot.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    const std::vector<uint64_t>& keys = most->second;
    if (keys.size() < kTell) return std::nullopt;
    const auto node = page_for(top, depth, level, keys.front());
    if (!node) return std::nullopt;
    LostPage lost;
    const uint64_t slot = slot_at(keys.front(), level);
    lost.holder = fmt::format("preserved memory map › node {:#x}", *node);
    lost.pointer = fmt::format("slot {}", slot);
    lost.address = *node + slot * sizeof(uint64_t);
    const auto was = word(lost.address);
    if (!was) return std::nullopt;
    lost.was = *was;
    return searched(keys, level - 1, std::move(lost));
  }

  // The pointer to the whole tree.
  std::optional<LostPage> at_the_top(const pack::plans::Radix& plan, uint32_t parent, uint64_t top,
                                     int depth) const {
    const pack::Expr& at = *plan.at.expr;
    if (at.op != pack::Op::column || at.set != parent) return std::nullopt;
    const walk::RecordSet& holder = world_.sets[parent];
    const walk::Place place = walk::place_of(world_, holder, holder.type->columns[at.column], 0);
    if (place.size != sizeof(uint64_t)) return std::nullopt;
    LostPage lost;
    lost.holder = path(world_, columns_, {parent, 0});
    lost.pointer = at.source;
    lost.address = place.address;
    lost.was = top;
    return searched({keys_.begin(), keys_.end()}, depth - 1, std::move(lost));
  }

  std::optional<LostPage> searched(const std::vector<uint64_t>& keys, int level, LostPage lost) const {
    search(keys, level, lost);
    // A page that has only some of them is another one.
    if (lost.keys < kTell || lost.keys * 4 < keys.size() * 3) return std::nullopt;
    return lost;
  }

  void search(const std::vector<uint64_t>& keys, int level, LostPage& lost) const {
    const walk::RecordSet& tree = world_.sets[tree_];
    std::unordered_set<uint64_t> in_use;
    for (uint32_t row = 0; row < tree.rows; ++row) in_use.insert(tree.address_of(row));
    const uint64_t page_size = world_.model->page_size;
    uint64_t searched = 0;
    for (const image::Range& range : world_.memory->populated()) {
      searched += range.length;
      if (searched > kSearched) return;
      for (uint64_t page = (range.start + page_size - 1) / page_size * page_size; page < range.end();
           page += page_size) {
        if (in_use.count(page) != 0 || !has_some(page, level, keys)) continue;
        const auto count = static_cast<size_t>(
            std::count_if(keys.begin(), keys.end(), [&](uint64_t key) { return has(page, level, key); }));
        if (count <= lost.keys) continue;
        lost.keys = count;
        lost.page = page;
      }
    }
  }

  // A page without these three lacks too many.
  bool has_some(uint64_t page, int level, const std::vector<uint64_t>& keys) const {
    return has(page, level, keys.front()) || has(page, level, keys.back()) ||
           has(page, level, keys[keys.size() / 2]);
  }

  const walk::World& world_;
  uint32_t tree_;
  mutable walk::Columns columns_;
  int table_ = 0, bitmap_ = 0;
  std::set<uint64_t> keys_;
};

}  // namespace

std::vector<LostPage> find_lost_pages(const walk::World& world, const std::vector<NotPreserved>& missing) {
  if (!world.has_map || missing.size() < kTell) return {};
  for (uint32_t set = 0; set < world.sets.size(); ++set) {
    if (std::holds_alternative<pack::plans::Radix>(world.model->sets[set].plan) && world.sets[set].rows != 0)
      return Search(world, set).run(missing);
  }
  return {};
}

}  // namespace khover::session
