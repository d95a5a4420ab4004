#include "session/step.h"

#include <variant>

#include "walk/vm/columns.h"

namespace khover::session {
namespace {

using evaluate::RecordRef;
using pack::kNone;

// The record of the list whose page has this address.
std::optional<Step> page_of(const walk::World& world, const pack::plans::Pages& pages, RecordRef record) {
  const walk::RecordSet& set = world.sets[record.set];
  const uint32_t list = pages.of_set.index, parent = set.parent_of(record.row);
  const uint32_t hops = world.model->hops_to(list, set.type->parent);
  if (hops == kNone || parent == kNone) return std::nullopt;
  const auto [first, last] = world.rows_below(list, hops, parent);
  const uint64_t page = set.address_of(record.row) / world.model->page_size * world.model->page_size;
  walk::Columns columns(world);
  for (uint32_t row = first; row < last; ++row) {
    const auto at = columns.column(list, pages.page.index, row);
    if (at.known && static_cast<uint64_t>(at.value) == page)
      return Step{{list, row}, world.model->sets[list].columns[pages.page.index].name};
  }
  return std::nullopt;
}

// The slot of a page above that leads to this page of a tree.
std::optional<Step> slot_of(const walk::World& world, RecordRef node) {
  const uint64_t address = world.sets[node.set].address_of(node.row);
  walk::Columns columns(world);
  for (const walk::RecordSet& slots : world.sets) {
    if (slots.type->parent != node.set || !std::holds_alternative<pack::plans::Slots>(slots.type->plan))
      continue;
    const uint32_t value = slots.type->find("value");
    for (uint32_t row = 0; row < slots.rows; ++row) {
      const auto at = columns.column(slots.index, value, row);
      if (at.known && static_cast<uint64_t>(at.value) == address)
        return Step{{slots.index, row}, slots.type->columns[value].name};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Step> step_to(const walk::World& world, RecordRef record) {
  // Up to the first record that a pointer leads to: elements are where their array is.
  for (uint32_t steps = 0; steps < 64; ++steps) {
    const walk::RecordSet& set = world.sets[record.set];
    if (set.keys()) return std::nullopt;  // of any of them: the way through the map
    const pack::SetType& type = *set.type;
    const uint32_t parent = set.parent_of(record.row);
    const uint32_t link = pack::link_of(type.plan);
    if (link != kNone && record.row > 0 && set.parent_of(record.row - 1) == parent)
      return Step{{record.set, record.row - 1}, type.columns[link].name};
    if (const auto* pages = std::get_if<pack::plans::Pages>(&type.plan))
      return page_of(world, *pages, record);
    if (type.parent == kNone || parent == kNone) return std::nullopt;
    const pack::plans::Value* start = pack::start_of(type.plan);
    if (start && start->expr && start->expr->op == pack::Op::column) {
      // Only the first one is where the pointer says; in a tree, the others hang below it.
      walk::Columns columns(world);
      const auto at = columns.evaluate(*start->expr, type.parent, parent);
      const uint32_t first = set.children_of(parent).first;
      if (std::holds_alternative<pack::plans::Radix>(type.plan) && record.row != first)
        return slot_of(world, record);
      if (!at.known || static_cast<uint64_t>(at.value) != set.address_of(first)) return std::nullopt;
      return Step{{type.parent, parent}, start->expr->source};
    }
    // Without a pointer of its own, it is there since something above counts it.
    for (const pack::ExprPtr& value : pack::values_of(type.plan)) {
      if (value && value->op == pack::Op::column && value->hops == 0)
        return Step{{type.parent, parent}, value->source};
    }
    record = {type.parent, parent};
  }
  return std::nullopt;
}

}  // namespace khover::session
