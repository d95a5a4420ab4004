// Certificates of "RANGE preserved …": the keys of the preserved memory map that cover each
// range, with the bit of the bitmap that says so.
#include <bit>
#include <iterator>
#include <map>

#include "image/ranges.h"
#include "prove/certify/certify.h"

namespace khover::prove {
namespace {

using pack::PreservedAs;

constexpr Interval kWide{0, Integer{1} << 66};
constexpr Interval kOrder{0, 64};
constexpr Interval kNode{-1, Integer{1} << 32};

Value known(Integer value) { return {value, true}; }

// `size` is a power of two. By a mask: a remainder by an unknown number takes the solver minutes.
FormulaPtr is_multiple(const FormulaPtr& value, const FormulaPtr& size) {
  const FormulaPtr below =
      operation(Op::subtract, {size, number(1)}, {size->range.low - 1, size->range.high - 1});
  return equal(operation(Op::bit_and, {value, below}, {0, value->range.high}), number(0));
}

}  // namespace

void Certifier::preserved() {
  const uint32_t set = claim_.set.set;
  const auto page_size = static_cast<Integer>(world_.model->page_size);
  const auto as = claim_.preserved_as;
  // The key {phys, order} as the kernel encodes it: one bit for the order, the page frame below it.
  Plan& key = plan("key", {pack::kNone, pack::kNone, pack::kNone});
  {
    Check& check = key.check;
    const FormulaPtr phys = check.state("phys", {0, (Integer{1} << 64) - 1}),
                     order = check.state("order", kOrder);
    const FormulaPtr first = check.state("first key of the bitmap", {0, (Integer{1} << 64) - 1});
    const FormulaPtr index = check.state("byte of the bitmap", {0, 65536}),
                     byte = check.state("value", {0, 255});
    const FormulaPtr bit = check.state("bit", {0, 7});
    // Bounds as tight as they are: the compiler's proof goes by them.
    const Integer most_frames = (Integer{1} << 64) >> world_.model->page_shift;
    const FormulaPtr shift = sum(number(world_.model->page_shift), order);
    const FormulaPtr top = operation(Op::shift_right, {number(Integer{1} << 64), shift}, {0, most_frames});
    const FormulaPtr frame = operation(Op::shift_right, {phys, shift}, {0, most_frames});
    const FormulaPtr size =
        operation(Op::shift_left, {number(page_size), order}, {page_size, page_size << 64});
    const FormulaPtr position =
        sum(first, sum(operation(Op::multiply, {index, number(8)}, {0, 65536 * 8}), bit));
    check.require(is_multiple(phys, size));
    check.require(equal(position, sum(top, frame)));
    check.require(
        equal(operation(Op::modulo, {operation(Op::shift_right, {byte, bit}, {0, 255}), number(2)}, {0, 1}),
              number(1)));
  }
  ready(key);
  Plan& outside = plan("range.none", {set, pack::kNone, pack::kNone});
  {
    FormulaPtr none = at_most(outside.check.read(claim_.length, 0, set), number(0));
    if (claim_.set.where) none = either(negation(outside.check.read(claim_.set.where, 0, set)), none);
    outside.check.require(none);
  }
  ready(outside);
  // One key at the start; or keys one after the other, from the first page to the last.
  const bool single = as == PreservedAs::one_key || as == PreservedAs::folio;
  Plan& whole = plan(single ? "range.key" : "range.pieces", {set, pack::kNone, pack::kNone});
  {
    Check& check = whole.check;
    const FormulaPtr start = check.read(claim_.start, 0, set), length = check.read(claim_.length, 0, set);
    const FormulaPtr phys = check.state(single ? "phys" : "covered from", kWide),
                     other = check.state(single ? "order" : "covered to", kWide);
    if (single) {
      const FormulaPtr least = call(Formula::Kind::order_of, {length}, kOrder, page_size);
      check.require(equal(phys, start));
      check.require(as == PreservedAs::folio ? at_most(least, other) : equal(least, other));
    } else {
      check.require(both(at_most(phys, start), at_most(sum(start, length), other)));
    }
  }
  ready(whole);
  Plan& piece = plan("piece", {pack::kNone, pack::kNone, pack::kNone});
  {
    Check& check = piece.check;
    const FormulaPtr at = check.state("covered to", kWide), next = check.state("then to", kWide);
    const FormulaPtr phys = check.state("phys", kWide), order = check.state("order", kOrder);
    const FormulaPtr size =
        operation(Op::shift_left, {number(page_size), order}, {page_size, page_size << 64});
    check.require(both(at_most(phys, at), at_most(next, sum(phys, size))));
  }
  ready(piece);
  // natural keys: the largest order that alignment and the pages that are left allow.
  Plan& natural = plan("piece.natural", {pack::kNone, pack::kNone, pack::kNone});
  {
    Check& check = natural.check;
    const FormulaPtr phys = check.state("phys", kWide), order = check.state("order", {0, 50}),
                     left = check.state("bytes left", kWide);
    const FormulaPtr size =
        operation(Op::shift_left, {number(page_size), order}, {page_size, page_size << 50});
    const FormulaPtr twice = operation(Op::multiply, {size, number(2)}, {2 * page_size, page_size << 51});
    check.require(both(is_multiple(phys, size), at_most(size, left)));
    check.require(either(negation(is_multiple(phys, twice)), less(left, twice)));
  }
  ready(natural);

  // On a machine with several nodes a key does not cross from one to another: the natural order
  // is lowered until both ends of the block are of one node. Nodes are those of the NUMA map.
  Plan& crosses = plan("piece.crosses", {pack::kNone, pack::kNone, pack::kNone});
  crosses.check.require(negation(equal(crosses.check.state("node of the first page", kNode),
                                       crosses.check.state("node of the last", kNode))));
  ready(crosses);
  Plan& one_node = plan("piece.one-node", {pack::kNone, pack::kNone, pack::kNone});
  one_node.check.require(equal(one_node.check.state("node of the first page", kNode),
                               one_node.check.state("node of the last", kNode)));
  ready(one_node);
  const auto node_of = [&](Integer address) -> Value {
    if (address < 0 || address >> 64 != 0) return known(-1);
    const auto node = image::node_at(world_.facts.numa->value, static_cast<uint64_t>(address));
    return known(node ? static_cast<Integer>(*node) : -1);
  };

  // Bitmaps by their first key: each is looked up as often as there are keys.
  std::map<uint64_t, const walk::Leaf*> bitmaps;
  for (const walk::RecordSet& one : world_.sets) {
    if (const walk::Keys* keys = one.keys()) {
      for (const walk::Leaf& leaf : keys->leaves) bitmaps.emplace(leaf.first_key, &leaf);
    }
  }
  const auto state_key = [&](const walk::Key& of) {
    const auto encoded = world_.map.encode(of.phys, of.order);
    if (!encoded) return facts_.reject("no key can express that");
    if (bitmaps.empty()) return facts_.reject("there is no bitmap");
    const auto after = bitmaps.upper_bound(*encoded);
    const walk::Leaf* const leaf = after == bitmaps.begin() ? nullptr : std::prev(after)->second;
    if (!leaf || *encoded - leaf->first_key >= leaf->size * 8) return facts_.reject("no bitmap has the key");
    const uint64_t offset = *encoded - leaf->first_key;
    state(key, {0, 0, 0},
          {known(of.phys), known(of.order), known(leaf->first_key), known(offset / 8),
           known(std::to_integer<unsigned>(leaf->bytes[offset / 8])), known(offset % 8)});
  };
  std::vector<pack::ExprPtr> exprs = {claim_.start, claim_.length};
  if (claim_.set.where) exprs.push_back(claim_.set.where);
  Probe probe(*this, set, exprs);
  for (uint32_t row = 0; row < world_.sets[set].rows && !facts_.stopped(); ++row) {
    const auto values = probe.at(row);
    const bool counts = !claim_.set.where || !values[2].known || values[2].value != 0;
    if (!counts || values[1].value <= 0) {
      state(outside, {row, 0, 0});
      continue;
    }
    const auto start = static_cast<uint64_t>(values[0].value);
    if (single) {
      walk::Key of{start, 0};
      if (as == PreservedAs::folio) {
        of.order = world_.map.order_at(start).value_or(-1);
      } else {
        while (of.order < 52 && (page_size << of.order) < values[1].value) ++of.order;
      }
      if (of.order < 0) return facts_.reject("no key starts at the range");
      state_key(of);
      state(whole, {row, 0, 0}, {known(of.phys), known(of.order)});
      continue;
    }
    const Integer end = values[0].value + values[1].value;
    const Integer begin = values[0].value / page_size * page_size;
    const Integer page_end = (end + page_size - 1) / page_size * page_size;
    Integer at = begin;
    while (at < end && !facts_.stopped()) {
      walk::Key of{static_cast<uint64_t>(at), 0};
      if (as == PreservedAs::natural_keys) {
        const auto pages = static_cast<uint64_t>((page_end - at) / page_size);
        const uint64_t pfn = static_cast<uint64_t>(at / page_size);
        of.order = std::min(pfn == 0 ? 50 : std::countr_zero(pfn), 63 - std::countl_zero(pages));
        state(natural, {0, 0, 0}, {known(at), known(of.order), known(page_end - at)});
        if (world_.facts.numa) {
          const auto last_page = [&](int order) { return node_of(at + (page_size << order) - 1); };
          for (; of.order > 0 && last_page(of.order).value != node_of(at).value; --of.order) {
            state(crosses, {0, 0, 0}, {node_of(at), last_page(of.order)});
          }
          if (of.order > 0) state(one_node, {0, 0, 0}, {node_of(at), last_page(of.order)});
        }
      } else if (world_.map.covering(static_cast<uint64_t>(at), &of) != walk::Answer::yes) {
        return facts_.reject("no key covers a page of the range");
      }
      state_key(of);
      const Integer next = static_cast<Integer>(of.phys) + (page_size << of.order);
      state(piece, {0, 0, 0}, {known(at), known(next), known(of.phys), known(of.order)});
      at = next;
    }
    state(whole, {row, 0, 0}, {known(begin), known(at)});
  }
}

}  // namespace khover::prove
