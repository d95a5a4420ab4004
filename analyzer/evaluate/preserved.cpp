#include <fmt/format.h>

#include <bit>

#include "evaluate/forms.h"
#include "image/ranges.h"

namespace khover::evaluate {
namespace {

using pack::Integer;
using pack::PreservedAs;
using walk::Answer;

struct Missing {
  Answer answer = Answer::yes;
  std::string expected;
  std::string found;
};

// Orders as the kernel cuts [start, start + pages) of a range into keys
// (kho_preserve_pages, __kho_preserve_pages_order): as large as alignment and rest allow,
// and not across a NUMA node.
int natural_order(const walk::World& world, uint64_t start, uint64_t pages) {
  const uint64_t pfn = start / world.model->page_size;
  int order = pfn == 0 ? 63 : std::countr_zero(pfn);
  order = std::min(order, 63 - std::countl_zero(pages));
  if (!world.facts.numa) return order;
  const auto node_of = [&](uint64_t address) { return image::node_at(world.facts.numa->value, address); };
  while (order > 0 && node_of(start) != node_of(start + (world.model->page_size << order) - 1)) --order;
  return order;
}

std::string key_text(const walk::World& world, uint64_t at) {
  walk::Key key;
  if (world.map.covering(at, &key) != Answer::yes) return fmt::format("no key covers {:#x}", at);
  return fmt::format("{:#x} is in a key of order {} at {:#x}", at, key.order, key.phys);
}

Missing check(const walk::World& world, PreservedAs as, uint64_t start, uint64_t length) {
  const uint64_t page_size = world.model->page_size;
  const auto order_of = [&](uint64_t bytes) {
    int order = 0;
    while (order < 52 && (page_size << order) < bytes) ++order;
    return order;
  };
  if (as == PreservedAs::one_key) {
    const int order = order_of(length);
    const Answer answer = world.map.contains(start, order);
    if (answer == Answer::yes) return {};
    return {answer, fmt::format("one key of order {} at {:#x}", order, start), key_text(world, start)};
  }
  if (as == PreservedAs::folio) {
    const int order = order_of(length);
    const auto found = world.map.order_at(start);
    if (!found) return {Answer::unknown, "", ""};
    if (*found >= order) return {};
    return {Answer::no, fmt::format("a key of order {} or more that starts at {:#x}", order, start),
            *found < 0 ? key_text(world, start) : fmt::format("a key of order {} starts there", *found)};
  }
  Missing result;
  uint64_t at = start / page_size * page_size;
  // A range that ends at 2^64 has no end in 64 bits; its last page is what counts.
  const uint64_t last = start + (length - 1);
  while (at <= last) {
    walk::Key key;
    Answer answer;
    uint64_t step;
    if (as == PreservedAs::natural_keys) {
      const uint64_t pages = (last - at) / page_size + 1;
      const int order = natural_order(world, at, pages);
      answer = world.map.contains(at, order);
      step = page_size << order;
      if (answer == Answer::no)
        return {answer, fmt::format("a key of order {} at {:#x}", order, at), key_text(world, at)};
    } else {
      answer = world.map.covering(at, &key);
      step = answer == Answer::yes ? key.phys + (page_size << key.order) - at : page_size;
      if (answer == Answer::no)
        return {answer, fmt::format("a key that covers {:#x}", at), key_text(world, at)};
    }
    if (answer == Answer::unknown) result.answer = answer;
    if (step == 0 || at + step < at) break;
    at += step;
  }
  return result;
}

}  // namespace

void decide_preserved(Judge& judge) {
  const pack::Claim& claim = judge.claim;
  const uint32_t set = claim.set.set;
  const walk::World& world = judge.world;
  const walk::Opening* const opening = world.map_set == kNone ? nullptr : world.opening(world.map_set);
  if (!world.has_map && !(opening && opening->cause == walk::Opening::Cause::hole)) {
    // Not written yet, or a rule keeps it from being read: it says nothing of any record.
    const Reason reason = opening ? Reason::broken : Reason::hidden;
    const std::string why = opening ? opening->why : "the preserved memory map does not exist yet";
    judge.each_batch(claim.set,
                     [&](std::span<const uint32_t> rows) { judge.pass_over(reason, why, rows.size()); });
    return judge.close({set});
  }
  walk::Lane start, length;
  judge.each_batch(claim.set, [&](std::span<const uint32_t> rows) {
    judge.columns.evaluate(*claim.start, set, rows, start);
    judge.columns.evaluate(*claim.length, set, rows, length);
    for (size_t i = 0; i < rows.size(); ++i) {
      const RecordRef record{set, rows[i]};
      if (start.known[i] == 0 || length.known[i] == 0) {
        judge.undecided(record, start.known[i] == 0 ? *claim.start : *claim.length, claim.start->source);
        continue;
      }
      if (length.values[i] <= 0) {
        judge.holds();
        continue;
      }
      Missing missing;
      if (start.values[i] < 0 || start.values[i] + length.values[i] > (Integer{1} << 64)) {
        missing = {Answer::no, "a range below 2^64", "it ends past that"};
      } else {
        missing = check(judge.world, claim.preserved_as, static_cast<uint64_t>(start.values[i]),
                        static_cast<uint64_t>(length.values[i]));
      }
      if (missing.answer == Answer::yes) {
        judge.holds();
      } else if (missing.answer == Answer::unknown || !judge.world.has_map) {
        judge.undecided(record, *claim.start, "the preserved memory map");
        if (const auto hole = judge.world.map.hole_address(); hole && !judge.outcome.unknown.empty()) {
          judge.outcome.unknown.back().holes.push_back(*hole);
        }
      } else {
        Instance instance = judge.describe(*claim.start, set, rows[i]);
        instance.expected = std::move(missing.expected);
        instance.found = std::move(missing.found);
        judge.violate(record, std::move(instance));
      }
    }
  });
  judge.close({set});
}

}  // namespace khover::evaluate
