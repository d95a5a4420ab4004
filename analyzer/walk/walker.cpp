#include "walk/walker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <tuple>
#include <unordered_set>

#include "walk/fdt.h"
#include "walk/vm/columns.h"

namespace khover::walk {
namespace {

using pack::Container;
using pack::Integer;

constexpr uint64_t kMaxRows = 0xfffffff0;

class Walker {
 public:
  Walker(const pack::Model& model, const image::Memory& memory, const image::Facts& facts)
      : columns_(world_) {
    world_.model = &model;
    world_.memory = &memory;
    world_.facts = facts;
    world_.sets.resize(model.sets.size());
    for (uint32_t i = 0; i < model.sets.size(); ++i) {
      world_.sets[i].type = &model.sets[i];
      world_.sets[i].index = i;
      const Container container = model.sets[i].container;
      if (container == Container::keys || container == Container::bitmap) world_.map_set = i;
    }
    done_.assign(model.sets.size(), false);
  }

  World run() {
    for (uint32_t i = 0; i < world_.sets.size(); ++i) {
      if (!done_[i]) walk_set(i);
    }
    world_.map_unwritten =
        !world_.has_map && world_.map_set != kNone && world_.opening(world_.map_set) == nullptr;
    return std::move(world_);
  }

 private:
  void walk_set(uint32_t index) {
    RecordSet& set = world_.sets[index];
    const pack::SetType& type = *set.type;
    done_[index] = true;
    if (type.container == Container::ram || type.container == Container::numa) return walk_fact_ranges(set);
    if (type.parent == kNone) return walk_family(set, kNone);
    const RecordSet& parent = world_.sets[type.parent];
    for (uint32_t row = 0; row < parent.rows; ++row) {
      if (may_enter(set, parent, row)) walk_family(set, row);
    }
    if (type.container == Container::bitmap) finish_bitmaps(set);
    handled(set);
  }

  bool may_enter(RecordSet& set, const RecordSet& parent, uint32_t row) {
    if (set.type->when) {  // a record without such a child is no obstacle
      const auto when = columns_.evaluate(*set.type->when, set.type->parent, row);
      if (when.known && when.value == 0) return false;
    }
    const auto refuse = [&](Opening::Cause cause, uint32_t rule) {
      const char* what = cause == Opening::Cause::broken ? " fails" : " cannot be decided";
      set.openings.push_back({cause, row, parent.address_of(row),
                              "rule " + world_.model->rules[rule].id + what + " for what leads there"});
      return false;
    };
    for (const auto& [cause, rows, rules] :
         {std::tuple{Opening::Cause::broken, &parent.condemned, &parent.condemned_by},
          std::tuple{Opening::Cause::hole, &parent.doubtful, &parent.doubtful_by}}) {
      const auto found = std::lower_bound(rows->begin(), rows->end(), row);
      if (found != rows->end() && *found == row)
        return refuse(cause, (*rules)[static_cast<size_t>(found - rows->begin())]);
    }
    for (const uint32_t gate : set.type->entry_gates) {
      const Pass pass = passes(gate, set.type->parent, row);
      if (pass == Pass::no) return refuse(Opening::Cause::broken, gate);
      if (pass == Pass::unknown) return refuse(Opening::Cause::hole, gate);
    }
    return true;
  }

  enum class Pass { yes, no, unknown };
  Pass passes(uint32_t rule, uint32_t set, uint32_t row) {
    const pack::Claim& claim = world_.model->rules[rule].claim;
    if (claim.set.where) {
      const auto where = columns_.evaluate(*claim.set.where, set, row);
      if (!where.known) return Pass::unknown;
      if (where.value == 0) return Pass::yes;
    }
    const auto holds = columns_.evaluate(*claim.predicate, set, row);
    return !holds.known ? Pass::unknown : holds.value != 0 ? Pass::yes : Pass::no;
  }

  // The value of an expression over the parent record; an opening where it cannot be known.
  std::optional<Integer> parent_value(RecordSet& set, const pack::ExprPtr& expr, uint32_t parent) {
    std::vector<uint64_t> holes;
    columns_.trace_holes(&holes);
    const auto value = columns_.evaluate(*expr, set.type->parent, parent);
    columns_.trace_holes(nullptr);
    if (value.known) return value.value;
    // A fact that was not given is no hole: rules that need it name it as an input.
    if (!holes.empty())
      add_hole(set, parent, holes.front());
    else if (set.type->parent != kNone)
      set.openings.push_back({Opening::Cause::hole, parent, 0, "a value that leads there is unknown"});
    return std::nullopt;
  }

  void add_hole(RecordSet& set, uint32_t parent, uint64_t address) {
    set.openings.push_back(
        {Opening::Cause::hole, parent, address, fmt::format("the dump has no byte at {:#x}", address)});
  }
  void add_broken(RecordSet& set, uint32_t parent, uint64_t address, std::string why) {
    set.openings.push_back({Opening::Cause::broken, parent, address, std::move(why)});
  }

  void walk_family(RecordSet& set, uint32_t parent) {
    const pack::SetType& type = *set.type;
    if (type.when) {
      const auto when = parent_value(set, type.when, parent);
      if (!when || *when == 0) return;
    }
    switch (type.container) {
      case Container::record:
        return walk_record(set, parent);
      case Container::chain:
        return walk_chain(set, parent);
      case Container::array:
        return walk_array(set, parent);
      case Container::pages:
        return walk_pages(set, parent);
      case Container::fdt:
        return walk_fdt(set, parent);
      case Container::nodes:
        return walk_nodes(set, parent);
      case Container::radix:
        return walk_radix(set, parent);
      case Container::bitmap:
        return walk_bitmap(set, parent);
      case Container::table:
        return walk_table(set, parent);
      case Container::pci_function:
        return walk_pci_function(set, parent);
      case Container::slots:
      case Container::keys:
      case Container::entries:
      case Container::ram:
      case Container::numa:
        return;
    }
  }

  // A physical address that fits 64 bits; nullopt for none (0) or unknown.
  std::optional<uint64_t> start_of(RecordSet& set, uint32_t parent) {
    const auto at = parent_value(set, set.type->at, parent);
    if (!at || *at == 0) return std::nullopt;
    if (*at < 0 || *at >> 64 != 0) {
      add_broken(set, parent, 0, "an address of more than 64 bits");
      return std::nullopt;
    }
    return static_cast<uint64_t>(*at);
  }

  bool visit_once(const RecordSet& set, uint64_t address) {
    return visited_[set.index].insert(address).second;
  }

  // Bytes of `count` records at `address`, if they are side by side in host memory.
  const std::byte* contiguous(uint64_t address, uint64_t bytes) const {
    const auto run = world_.memory->run(address);
    return run.size() >= bytes ? run.data() : nullptr;
  }

  // Returns the first new row.
  uint32_t append(RecordSet& set, uint64_t address, uint32_t count, uint32_t parent, uint32_t first_index) {
    const uint32_t first = set.rows;
    Extent extent;
    extent.address = address;
    extent.bytes = contiguous(address, uint64_t{count} * set.type->stride);
    extent.first_row = first;
    extent.count = count;
    extent.parent = parent;
    extent.first_index = first_index;
    set.extents.push_back(extent);
    set.rows += count;
    return first;
  }

  bool pass_gates(RecordSet& set, uint32_t row) {
    for (const uint32_t gate : set.type->gates) {
      const Pass pass = passes(gate, set.index, row);
      if (pass == Pass::yes) continue;
      (pass == Pass::no ? set.condemned : set.doubtful).push_back(row);
      (pass == Pass::no ? set.condemned_by : set.doubtful_by).push_back(gate);
      return pass != Pass::no;
    }
    return true;
  }
  void pass_gates_from(RecordSet& set, uint32_t first) {
    if (set.type->gates.empty()) return;
    for (uint32_t row = first; row < set.rows; ++row) pass_gates(set, row);
  }

  void walk_record(RecordSet& set, uint32_t parent) {
    const auto at = start_of(set, parent);
    if (!at) return;
    if (set.type->one_of != kNone) {
      if (!is_one_of(set, parent, *at)) return;
    } else if (!visit_once(set, *at)) {
      return add_broken(set, parent, *at,
                        fmt::format("{:#x} is already another {}", *at, set.type->singular));
    }
    pass_gates_from(set, append(set, *at, 1, parent, 0));
  }

  // Whether a record of the set that `set` refers to is at the address. Several may refer to one.
  bool is_one_of(RecordSet& set, uint32_t parent, uint64_t address) {
    const RecordSet& others = world_.sets[set.type->one_of];
    auto found = addresses_.find(others.index);
    if (found == addresses_.end()) {
      found = addresses_.emplace(others.index, std::unordered_set<uint64_t>()).first;
      for (uint32_t row = 0; row < others.rows; ++row) found->second.insert(others.address_of(row));
    }
    if (found->second.count(address) != 0) return true;
    const Opening* opening = world_.opening(others.index);
    set.openings.push_back(
        {opening ? opening->cause : Opening::Cause::broken, parent, address,
         opening ? opening->why : fmt::format("no {} is at {:#x}", others.type->singular, address)});
    return false;
  }

  void walk_chain(RecordSet& set, uint32_t parent) {
    auto at = start_of(set, parent);
    uint32_t index = 0;
    while (at) {
      if (!visit_once(set, *at)) {
        return add_broken(set, parent, *at,
                          fmt::format("the chain returns to {:#x}, which another link points to", *at));
      }
      const uint32_t row = append(set, *at, 1, parent, index++);
      if (!pass_gates(set, row))
        return add_broken(set, parent, *at, fmt::format("the chain cannot be followed past {:#x}", *at));
      std::vector<uint64_t> holes;
      columns_.trace_holes(&holes);
      const auto next = columns_.column(set.index, set.type->next_column, row);
      columns_.trace_holes(nullptr);
      if (!next.known) return add_hole(set, parent, holes.empty() ? *at : holes.front());
      at = next.value == 0 ? std::nullopt : std::optional(static_cast<uint64_t>(next.value));
    }
  }

  void walk_array(RecordSet& set, uint32_t parent) {
    const auto at = start_of(set, parent);
    if (!at) return;
    const auto wanted = parent_value(set, set.type->count, parent);
    if (!wanted || *wanted <= 0) return;
    Integer count = *wanted;
    if (set.type->capacity) {
      const auto capacity = parent_value(set, set.type->capacity, parent);
      if (!capacity) return;
      if (count > *capacity) {
        add_broken(set, parent, *at,
                   fmt::format("a count above the {} that fit", static_cast<uint64_t>(*capacity)));
        count = *capacity;
      }
    }
    if (!visit_once(set, *at))
      return add_broken(set, parent, *at, fmt::format("the records at {:#x} already belong to another", *at));
    const uint64_t stride = set.type->stride;
    const uint64_t present = present_bytes(*at, count * static_cast<Integer>(stride));
    if (static_cast<Integer>(present) < count * static_cast<Integer>(stride)) {
      add_hole(set, parent, *at + present);
      count = static_cast<Integer>(present / stride);
    }
    if (set.type->until_zero) count = first_zero(*at, static_cast<uint64_t>(count), stride);
    if (count <= 0 || static_cast<Integer>(set.rows) + count > static_cast<Integer>(kMaxRows)) return;
    pass_gates_from(set, append(set, *at, static_cast<uint32_t>(count), parent, 0));
  }

  // How many of the `wanted` bytes from `address` on are present.
  uint64_t present_bytes(uint64_t address, Integer wanted) const {
    uint64_t have = 0;
    while (static_cast<Integer>(have) < wanted) {
      if (address + have < address) break;
      const auto run = world_.memory->run(address + have);
      if (run.empty()) break;
      have += run.size();
    }
    return static_cast<uint64_t>(std::min<Integer>(static_cast<Integer>(have), wanted));
  }

  Integer first_zero(uint64_t address, uint64_t count, uint64_t stride) const {
    std::array<std::byte, 8> bytes{};
    for (uint64_t i = 0; i < count; ++i) {
      if (world_.memory->read(address + i * stride, std::span(bytes).first(stride)))
        return static_cast<Integer>(i);
      if (std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(stride),
                      [](std::byte b) { return b == std::byte{0}; })) {
        return static_cast<Integer>(i);
      }
    }
    return static_cast<Integer>(count);
  }

  void walk_pages(RecordSet& set, uint32_t parent) {
    const pack::SetType& type = *set.type;
    const RecordSet& pages = world_.sets[type.pages_set];
    const uint32_t hops = world_.model->hops_to(type.pages_set, type.parent);
    const auto [first, last] = world_.rows_below(type.pages_set, hops, parent);
    if (const Opening* opening = world_.opening_below(type.pages_set, hops, parent)) {
      set.openings.push_back({opening->cause, parent, opening->address, opening->why});
    }
    const auto wanted = parent_value(set, type.count, parent);
    const auto page_size = parent_value(set, type.page_size, parent);
    if (!wanted || *wanted <= 0 || !page_size || *page_size <= 0) return;
    const uint64_t stride = type.stride;
    const auto bytes_per_page = static_cast<uint64_t>(std::min<Integer>(*page_size, Integer{1} << 62));
    uint64_t left = static_cast<uint64_t>(std::min<Integer>(*wanted, Integer{kMaxRows} - set.rows));
    uint32_t index = 0;
    for (uint32_t row = first; row < last && left > 0; ++row) {
      if (pages.is_condemned(row)) {
        add_broken(set, parent, pages.address_of(row), "a page of the array cannot be followed");
        return;
      }
      const auto page = columns_.column(type.pages_set, type.pages_column, row);
      const auto address = static_cast<uint64_t>(page.value);
      const uint64_t count = std::min(left, bytes_per_page / stride);
      if (count == 0) break;  // records larger than a page: no ABI has them
      if (address % world_.model->page_size != 0) {
        add_broken(set, parent, address, fmt::format("{:#x} is not the address of a page", address));
      } else if (!visit_once(set, address)) {
        add_broken(set, parent, address, fmt::format("duplicate page {:#x}", address));
      } else if (const uint64_t present = present_bytes(address, static_cast<Integer>(count * stride));
                 present < count * stride) {
        add_hole(set, parent, address + present);
      } else {
        pass_gates_from(set, append(set, address, static_cast<uint32_t>(count), parent, index));
      }
      index += static_cast<uint32_t>(count);
      left -= count;
    }
    if (left > 0 && !set.opening_below(parent)) {
      add_broken(set, parent, 0, fmt::format("{} records have no page", left));
    }
  }

  void walk_fdt(RecordSet& set, uint32_t parent) {
    const auto at = start_of(set, parent);
    if (!at) return;
    if (!visit_once(set, *at))
      return add_broken(set, parent, *at,
                        fmt::format("{:#x} is already another {}", *at, set.type->singular));
    const auto limit = parent_value(set, set.type->limit, parent);
    if (!limit) return;
    if (const auto hole = read_fdt(world_, set, *at, static_cast<uint64_t>(*limit)))
      return add_hole(set, parent, *hole);
    const uint32_t row = append(set, *at, 1, parent, 0);
    pass_gates_from(set, row);
  }

  void walk_nodes(RecordSet& set, uint32_t parent) {
    const RecordSet& above = world_.sets[set.type->parent];
    const size_t before = set.fdt.size();
    read_fdt_children(world_, above.fdt[parent], set);
    const uint32_t first = set.rows;
    for (size_t i = before; i < set.fdt.size(); ++i) {
      append(set, node_address(world_, set.fdt[i]), 1, parent, static_cast<uint32_t>(i - before));
    }
    pass_gates_from(set, first);
  }

  void walk_fact_ranges(RecordSet& set) {
    if (set.type->container == Container::ram && world_.facts.ram) {
      for (const image::Range& range : world_.facts.ram->value)
        set.ranges.push_back({range.start, range.length, 0});
    }
    if (set.type->container == Container::numa && world_.facts.numa) {
      for (const image::NumaRange& one : world_.facts.numa->value)
        set.ranges.push_back({one.range.start, one.range.length, one.node});
    }
    set.rows = static_cast<uint32_t>(set.ranges.size());
  }

  // Its place is that of the record that has its identity: the host's bytes are not in the image.
  void walk_pci_function(RecordSet& set, uint32_t parent) {
    if (!world_.facts.topology) return;
    const auto domain = parent_value(set, set.type->pci_domain, parent);
    const auto bdf = parent_value(set, set.type->pci_bdf, parent);
    if (!domain || !bdf || *domain < 0 || *domain > kNone || *bdf < 0 || *bdf > 0xffff) return;
    const image::PciAddress wanted{static_cast<uint32_t>(*domain), static_cast<uint16_t>(*bdf)};
    const auto& functions = world_.facts.topology->value;
    const auto found = std::lower_bound(functions.begin(), functions.end(), wanted,
                                        [](const image::PciFunction& one, const image::PciAddress& address) {
                                          return one.address < address;
                                        });
    if (found == functions.end() || found->address != wanted) return;
    if (group_sizes_.empty()) {
      for (const image::PciFunction& one : functions) {
        if (one.group) ++group_sizes_[*one.group];
      }
    }
    set.functions.push_back({*found, found->group ? group_sizes_[*found->group] : 0});
    append(set, world_.sets[set.type->parent].address_of(parent), 1, parent, 0);
  }

  uint32_t child_set(uint32_t parent, Container container) const {
    for (uint32_t i = 0; i < world_.sets.size(); ++i) {
      if (world_.sets[i].type->parent == parent && world_.sets[i].type->container == container) return i;
    }
    return kNone;
  }

  // Level by level, so that the rows of each set are in the order of their parents.
  void walk_radix(RecordSet& nodes, uint32_t parent) {
    const auto depth = parent_value(nodes, nodes.type->radix_depth, parent);
    const auto table_bits = parent_value(nodes, nodes.type->radix_table, parent);
    const auto bitmap_bits = parent_value(nodes, nodes.type->radix_bitmap, parent);
    const uint32_t slots_index = child_set(nodes.index, Container::slots);
    const uint32_t keys_index = child_set(nodes.index, Container::keys);
    if (!depth || !table_bits || !bitmap_bits || slots_index == kNone || keys_index == kNone) return;
    RecordSet& slots = world_.sets[slots_index];
    RecordSet& keys = world_.sets[keys_index];
    done_[slots_index] = done_[keys_index] = true;
    const auto start = start_of(nodes, parent);
    if (!start) return;
    const uint64_t page_size = world_.model->page_size;
    const uint64_t table = uint64_t{1} << static_cast<int>(*table_bits);
    if (table * 8 != page_size || (uint64_t{1} << static_cast<int>(*bitmap_bits)) != page_size * 8 ||
        *depth < 1) {
      return add_broken(nodes, parent, *start, "the ABI's radix constants do not describe pages");
    }
    world_.map = PreservedMap(world_.model->page_shift, static_cast<uint32_t>(*bitmap_bits));
    world_.has_map = true;

    struct Node {
      uint64_t address;
      uint64_t first_key;
    };
    std::vector<Node> level_nodes = {{*start, 0}};
    for (int level = static_cast<int>(*depth) - 1; level >= 0 && !level_nodes.empty(); --level) {
      // Keys below one node of this level; the levels above may be wider than a key.
      const int width = static_cast<int>(*bitmap_bits) + level * static_cast<int>(*table_bits);
      const uint64_t keys_below = width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
      std::vector<Node> next_nodes;
      for (const Node& node : level_nodes) {
        const uint32_t row = append(nodes, node.address, 1, parent, nodes.rows);
        nodes.levels.push_back(static_cast<uint8_t>(level));
        const std::byte* bytes = contiguous(node.address, page_size);
        if (!visit_once(nodes, node.address)) {
          add_broken(keys, row, node.address,
                     fmt::format("the radix page {:#x} is used twice", node.address));
          continue;
        }
        if (!bytes) {
          world_.map.add_hole(node.first_key, node.first_key + keys_below, node.address);
          add_hole(keys, row, node.address);
          add_hole(slots, row, node.address);
          continue;
        }
        if (level == 0) {
          add_leaf(keys, row, {node.first_key, node.address, bytes, page_size, keys.rows, 0});
          continue;
        }
        const int child_width = width - static_cast<int>(*table_bits);
        for (uint64_t i = 0; i < table; ++i) {
          uint64_t value;
          std::memcpy(&value, bytes + i * 8, sizeof value);
          if (value == 0) continue;
          const uint32_t slot = append(slots, node.address + i * 8, 1, row, static_cast<uint32_t>(i));
          slots.levels.push_back(static_cast<uint8_t>(level));
          if (!pass_gates(slots, slot)) {
            add_broken(keys, row, node.address + i * 8,
                       fmt::format("the slot at {:#x} cannot be followed", node.address + i * 8));
            continue;
          }
          next_nodes.push_back({value, node.first_key + (child_width >= 64 ? 0 : i << child_width)});
        }
      }
      level_nodes = std::move(next_nodes);
    }
    pass_gates_from(keys, 0);
  }

  // Bitmaps that a list names one by one. What the map says is known once all of them are.
  void walk_bitmap(RecordSet& keys, uint32_t parent) {
    const auto at = start_of(keys, parent);
    const auto size = parent_value(keys, keys.type->bytes, parent);
    const auto first = parent_value(keys, keys.type->first_key, parent);
    if (!at || !size || !first) return;
    if (*size < 8 || *size > static_cast<Integer>(world_.model->page_size) || (*size & (*size - 1)) != 0)
      return add_broken(keys, parent, *at, "a bitmap with a size that no ABI has");
    const auto bytes = static_cast<uint64_t>(*size);
    if (!world_.has_map) {
      world_.map = PreservedMap(world_.model->page_shift, static_cast<uint32_t>(std::countr_zero(bytes * 8)));
      world_.has_map = true;
    }
    if (*first < 0 || *first >> 64 != 0 || *first % (*size * 8) != 0)
      return add_broken(keys, parent, *at, "a bitmap that does not start at a key");
    const auto first_key = static_cast<uint64_t>(*first);
    if (!visit_once(keys, first_key))
      return add_broken(keys, parent, *at, fmt::format("the bitmap {:#x} is for keys of another", *at));
    const std::byte* const bits = contiguous(*at, bytes);
    if (!bits) {
      world_.map.add_hole(first_key, first_key + bytes * 8 - 1, *at);
      return add_hole(keys, parent, *at + present_bytes(*at, *size));
    }
    add_leaf(keys, parent, {first_key, *at, bits, bytes, keys.rows, 0});
  }

  // After a hole in the list there may be bitmaps for any key.
  void finish_bitmaps(RecordSet& keys) {
    for (uint32_t in = keys.type->parent; in != kNone; in = world_.sets[in].type->parent) {
      for (const Opening& opening : world_.sets[in].openings) {
        if (opening.cause != Opening::Cause::hole) continue;
        world_.has_map = true;
        world_.map.add_hole(0, ~uint64_t{0}, opening.address);
      }
    }
    pass_gates_from(keys, 0);
  }

  // Level by level, too. Each page is read once, wherever entries point, so that the work is bounded by
  // the pages that are present.
  void walk_table(RecordSet& tables, uint32_t parent) {
    const uint32_t entries_index = child_set(tables.index, Container::entries);
    if (entries_index == kNone) return;
    RecordSet& entries = world_.sets[entries_index];
    done_[entries_index] = true;
    const auto start = start_of(tables, parent);
    const auto top = parent_value(tables, tables.type->level, parent);
    if (!start || !top) return;
    if (*top < 0 || *top > pack::kMaxTableLevel)
      return add_broken(tables, parent, *start, "a table with more levels than any hardware has");
    uint32_t index = 0;
    bool has_hole = false, is_shared = false;
    std::vector<uint64_t> here = {*start};
    for (auto level = static_cast<uint8_t>(*top);; --level) {
      std::vector<uint64_t> below;
      for (const uint64_t address : here) {
        const uint64_t present = present_bytes(address, world_.model->page_size);
        if (present < world_.model->page_size) {
          if (!has_hole) add_hole(tables, parent, address + present);
          has_hole = true;
          continue;
        }
        if (!visit_once(tables, address)) {
          if (!is_shared)
            add_broken(tables, parent, address,
                       fmt::format("the {} {:#x} is used twice", tables.type->singular, address));
          is_shared = true;
          continue;
        }
        const uint32_t row = append(tables, address, 1, parent, index++);
        tables.levels.push_back(level);
        add_entries(tables, entries, row, level > 0 ? &below : nullptr);
      }
      if (level == 0 || below.empty()) return;
      here = std::move(below);
    }
  }

  // Most tables are sparse: runs of entries whose bytes are not all 0.
  void append_used(RecordSet& entries, uint64_t address, uint32_t count, uint32_t table) {
    const uint64_t stride = entries.type->stride;
    std::vector<std::byte> bytes(count * stride);
    if (world_.memory->read(address, bytes)) return;
    const auto used = [&](uint32_t i) {
      const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(i * stride);
      return std::any_of(begin, begin + static_cast<std::ptrdiff_t>(stride),
                         [](std::byte b) { return b != std::byte{0}; });
    };
    for (uint32_t i = 0; i < count;) {
      uint32_t end = i;
      while (end < count && used(end)) ++end;
      if (end > i) append(entries, address + i * stride, end - i, table, i);
      i = end + 1;
    }
  }

  // The entries of one table, and where they lead to.
  void add_entries(RecordSet& tables, RecordSet& entries, uint32_t table, std::vector<uint64_t>* below) {
    const uint64_t address = tables.address_of(table);
    const auto wanted = parent_value(entries, entries.type->count, table);
    const uint64_t capacity = world_.model->page_size / entries.type->stride;
    if (!wanted || *wanted <= 0) return;
    const auto count = static_cast<uint32_t>(std::min<Integer>(*wanted, static_cast<Integer>(capacity)));
    if (uint64_t{entries.rows} + count > kMaxRows) return;
    const uint32_t first = entries.rows;
    append_used(entries, address, count, table);
    if (!below) return;
    bool broken = false;
    for (uint32_t row = first; row < entries.rows; ++row) {
      const auto next = columns_.column(entries.index, entries.type->next_column, row);
      if (!next.known || next.value == 0) continue;  // its bytes are there: it is known
      if (pass_gates(entries, row) && next.value > 0 && next.value >> 64 == 0)
        below->push_back(static_cast<uint64_t>(next.value));
      else
        broken = true;
    }
    if (broken)
      add_broken(tables, tables.parent_of(table), address,
                 fmt::format("an entry of {:#x} cannot be followed", address));
  }

  void add_leaf(RecordSet& keys, uint32_t row, Leaf leaf) {
    uint64_t count = 0;
    for (uint64_t i = 0; i < leaf.size; i += 8) {
      uint64_t word;
      std::memcpy(&word, leaf.bytes + i, sizeof word);
      count += static_cast<uint64_t>(std::popcount(word));
    }
    world_.map.add_leaf(leaf.first_key, leaf.bytes);
    if (count == 0 || keys.rows + count > kMaxRows) return;
    leaf.count = static_cast<uint32_t>(count);
    keys.leaves.push_back(leaf);
    keys.leaf_parents.push_back(row);
    keys.rows += static_cast<uint32_t>(count);
  }

  // Rows that no pack follows: their memory cannot be attributed.
  void handled(RecordSet& set) {
    if (set.type->handled_registry.empty()) return;
    const auto served = world_.model->served.find(set.type->handled_registry);
    for (uint32_t row = 0; row < set.rows; ++row) {
      const auto name = columns_.column(set.index, set.type->handled_column, row);
      if (!name.known) continue;
      const std::string& text = world_.strings.text(static_cast<uint64_t>(name.value));
      const bool known = served != world_.model->served.end() &&
                         std::any_of(served->second.begin(), served->second.end(),
                                     [&](const pack::Served& one) { return one.name == text; });
      if (!known) world_.unhandled.push_back({set.index, row, text});
    }
  }

  World world_;
  Columns columns_;
  std::vector<bool> done_;
  std::unordered_map<uint32_t, std::unordered_set<uint64_t>> visited_;
  std::unordered_map<uint32_t, uint32_t> group_sizes_;                    // functions of each IOMMU group
  std::unordered_map<uint32_t, std::unordered_set<uint64_t>> addresses_;  // of the records of a set
};

}  // namespace

World walk(const pack::Model& model, const image::Memory& memory, const image::Facts& facts) {
  return Walker(model, memory, facts).run();
}

}  // namespace khover::walk
