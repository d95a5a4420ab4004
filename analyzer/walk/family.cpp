#include "walk/family.h"

#include <fmt/format.h>

#include <algorithm>

namespace khover::walk {

using pack::Integer;

Walk::Walk(const pack::Model& model, const image::Memory& memory, const image::Facts& facts)
    : columns(world) {
  world.model = &model;
  world.memory = &memory;
  world.facts = facts;
  world.sets.resize(model.sets.size());
  for (uint32_t i = 0; i < model.sets.size(); ++i) {
    world.sets[i].type = &model.sets[i];
    world.sets[i].index = i;
    world.sets[i].content = empty_content(pack::rows_of(model.sets[i].plan));
    if (world.sets[i].keys()) world.map_set = i;
  }
  done_.assign(model.sets.size(), false);
  for (const image::Range& range : memory.present())
    claimable += std::min(range.length, (~uint64_t{0} >> 1) - std::min(claimable, ~uint64_t{0} >> 1));
  claimable *= 2;
}

bool Walk::has_record_at(const RecordSet& set, uint64_t address) {
  const auto [found, added] = addresses_.try_emplace(set.index);
  if (added) {
    for (uint32_t row = 0; row < set.rows; ++row) found->second.insert(set.address_of(row));
  }
  return found->second.count(address) != 0;
}

Walk::Pass Walk::passes(uint32_t rule, uint32_t set, uint32_t row) {
  const pack::Claim& claim = world.model->rules[rule].claim;
  if (claim.set.where) {
    const auto where = columns.evaluate(*claim.set.where, set, row);
    if (!where.known) return Pass::unknown;
    if (where.value == 0) return Pass::yes;
  }
  const auto holds = columns.evaluate(*claim.predicate, set, row);
  return !holds.known ? Pass::unknown : holds.value != 0 ? Pass::yes : Pass::no;
}

std::optional<Integer> Family::value(const pack::ExprPtr& expr) {
  std::vector<uint64_t> holes;
  walk_.columns.trace_holes(&holes);
  const auto value = walk_.columns.evaluate(*expr, type().parent, parent_);
  walk_.columns.trace_holes(nullptr);
  if (value.known) return value.value;
  // A fact that was not given is no hole: rules that need it name it as an input.
  if (!holes.empty())
    hole(holes.front());
  else if (type().parent != kNone)
    set_.open({Opening::Cause::hole, parent_, 0, "a value that leads there is unknown"});
  return std::nullopt;
}

std::optional<uint64_t> Family::start(const pack::plans::Value& of) {
  const auto at = value(of);
  if (!at || *at == 0) return std::nullopt;
  if (*at < 0 || *at >> 64 != 0) {
    broken(0, "an address of more than 64 bits");
    return std::nullopt;
  }
  return static_cast<uint64_t>(*at);
}

std::optional<Integer> Family::column(uint32_t row, const pack::plans::OwnColumn& column) {
  std::vector<uint64_t> holes;
  walk_.columns.trace_holes(&holes);
  const auto value = walk_.columns.column(set_.index, column.index, row);
  walk_.columns.trace_holes(nullptr);
  if (value.known) return value.value;
  hole(holes.empty() ? set_.address_of(row) : holes.front());
  return std::nullopt;
}

void Family::hole(uint64_t address) {
  set_.open({Opening::Cause::hole, parent_, address, fmt::format("the dump has no byte at {:#x}", address)});
}

void Family::broken(uint64_t address, std::string why) {
  set_.open({Opening::Cause::broken, parent_, address, std::move(why)});
}

uint32_t Family::append(uint64_t address, uint32_t count, uint32_t first_index,
                        std::initializer_list<uint64_t> numbers) {
  const uint32_t first = set_.rows;
  Extent extent;
  extent.address = address;
  extent.bytes = contiguous(address, uint64_t{count} * type().stride);
  extent.first_row = first;
  extent.count = count;
  extent.parent = parent_;
  extent.first_index = first_index;
  set_.extents.push_back(extent);
  set_.rows += count;
  if (auto* records = std::get_if<Records>(&set_.content))
    records->numbers.insert(records->numbers.end(), numbers.begin(), numbers.end());
  return first;
}

bool Family::pass_gates(uint32_t row) {
  for (const uint32_t gate : type().gates) {
    const Walk::Pass pass = walk_.passes(gate, set_.index, row);
    if (pass == Walk::Pass::yes) continue;
    (pass == Walk::Pass::no ? set_.condemned : set_.doubtful).push_back(row);
    (pass == Walk::Pass::no ? set_.condemned_by : set_.doubtful_by).push_back(gate);
    return pass != Walk::Pass::no;
  }
  return true;
}

void Family::pass_gates_from(uint32_t first) {
  if (type().gates.empty()) return;
  for (uint32_t row = first; row < set_.rows; ++row) pass_gates(row);
}

uint64_t Family::present_bytes(uint64_t address, Integer wanted) const {
  uint64_t have = 0;
  while (static_cast<Integer>(have) < wanted) {
    if (address + have < address) break;
    const auto run = walk_.world.memory->run(address + have);
    if (run.empty()) break;
    have += run.size();
  }
  return static_cast<uint64_t>(std::min<Integer>(static_cast<Integer>(have), wanted));
}

uint64_t Family::claim(uint64_t address, Integer wanted) {
  const uint64_t room = walk_.claimable - std::min(walk_.claimable, set_.claimed);
  const uint64_t present = present_bytes(address, std::min<Integer>(wanted, static_cast<Integer>(room)));
  set_.claimed += present;
  if (static_cast<Integer>(present) == wanted) return present;
  if (present == room)
    broken(address,
           fmt::format("the {} records overlap until they have more bytes than the dump", type().singular));
  else
    hole(address + present);
  return present;
}

const std::byte* Family::contiguous(uint64_t address, uint64_t bytes) const {
  const auto run = walk_.world.memory->run(address);
  return run.size() >= bytes ? run.data() : nullptr;
}

}  // namespace khover::walk
