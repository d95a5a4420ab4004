// Functions that read memory, names or facts: what no instruction computes.
#include <algorithm>

#include "walk/vm/borrowed.h"

namespace khover::walk {

using pack::Expr;
using pack::Function;
using pack::Integer;

bool inside(const std::vector<image::Range>& ranges, Integer start, Integer length) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), start,
      [](Integer value, const image::Range& range) { return value < static_cast<Integer>(range.start); });
  if (after == ranges.begin()) return false;
  const image::Range& range = *std::prev(after);
  return start + length <= static_cast<Integer>(range.start) + static_cast<Integer>(range.length);
}

namespace {

bool is_address(Integer value) { return value >= 0 && value < (Integer{1} << 64); }

}  // namespace

// The stated target has the last word on what is known.
void Columns::is_served(const Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out) {
  using Stated = pack::TargetNames::Answer;
  const pack::TargetNames* target = expr.function == Function::known ? world_.model->target.get() : nullptr;
  evaluate(*expr.args[1], set, rows, out);
  const auto served = world_.model->served.find(expr.text);
  for (size_t i = 0; i < out.values.size(); ++i) {
    if (out.known[i] == 0) continue;
    const std::string name = world_.strings.text(static_cast<uint64_t>(out.values[i]));
    if (const Stated stated = target ? target->knows(expr.text, name) : Stated::packs;
        stated != Stated::packs) {
      out.values[i] = stated == Stated::yes ? 1 : 0;
      out.known[i] = stated != Stated::open ? 1 : 0;
      continue;
    }
    bool serves = false, newer = false;
    if (served != world_.model->served.end()) {
      const auto version = pack::version_of(name);
      uint64_t newest = 0;
      for (const pack::Served& one : served->second) {
        serves = serves || one.name == name;
        const auto of = pack::version_of(one.name);
        if (version && of && of->stem == version->stem) newest = std::max(newest, of->number);
      }
      newer = version && newest != 0 && version->number > newest;
    }
    out.values[i] = serves ? 1 : 0;
    out.known[i] = serves || !newer || expr.function == Function::served ? 1 : 0;
  }
}

// A byte that is not 0 decides, wherever bytes are absent after it.
Columns::Value Columns::is_zero(Integer from, Integer to) {
  for (Integer at = from; at < to;) {
    if (!is_address(at)) return {1, false};
    const auto run = world_.memory->run(static_cast<uint64_t>(at));
    if (run.empty()) {
      if (holes_) holes_->push_back(static_cast<uint64_t>(at));
      return {1, false};
    }
    const auto length = static_cast<size_t>(std::min<Integer>(static_cast<Integer>(run.size()), to - at));
    if (!std::all_of(run.begin(), run.begin() + static_cast<std::ptrdiff_t>(length),
                     [](std::byte byte) { return byte == std::byte{0}; }))
      return {0, true};
    at += static_cast<Integer>(length);
  }
  return {1, true};
}

Columns::Value Columns::call(Function function, Integer a, Integer b) {
  switch (function) {
    case Function::zero:
      return is_zero(a, b);
    case Function::key_order: {
      const auto order =
          is_address(a) ? world_.map.order_at(static_cast<uint64_t>(a)) : std::optional<int>(-1);
      if (!order && holes_) holes_->push_back(world_.map.hole_address().value_or(0));
      return {order.value_or(0), (world_.has_map || world_.map_unwritten) && order};
    }
    case Function::in_known_ram:
      return {!world_.facts.ram || inside(world_.facts.ram->value, a, b), true};
    case Function::stem: {
      const std::string name = world_.strings.text(static_cast<uint64_t>(a));
      const auto version = pack::version_of(name);
      return {static_cast<Integer>(world_.strings.id(version ? version->stem : name)), true};
    }
    default:
      return {a, true};  // compiled to instructions
  }
}

void Columns::call(const Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out) {
  if (expr.function == Function::known || expr.function == Function::served)
    return is_served(expr, set, rows, out);
  evaluate(*expr.args[0], set, rows, out);
  const bool has_second = expr.args.size() > 1;
  Borrowed second(*this);
  if (has_second) evaluate(*expr.args[1], set, rows, *second);
  for (size_t i = 0; i < out.values.size(); ++i) {
    if (has_second) out.known[i] = static_cast<uint8_t>(out.known[i] & second->known[i]);
    const Value value = out.known[i] == 0
                            ? Value{0, false}
                            : call(expr.function, out.values[i], has_second ? second->values[i] : 0);
    out.values[i] = value.value;
    out.known[i] = value.known ? 1 : 0;
  }
}

}  // namespace khover::walk
