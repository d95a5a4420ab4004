#include "prove/search/instance_claim.h"

#include <algorithm>
#include <array>

#include "prove/formula/bitvector.h"

namespace khover::prove {

using evaluate::RecordRef;

namespace {

constexpr size_t kAround = 6;  // ranges that a range is compared with: the nearest

template <typename Over>
size_t source_of(RecordRef record, const std::vector<Over>& sources) {
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].set.set == record.set) return i;
  }
  return 0;
}

}  // namespace

std::optional<z3::expr> InstanceClaim::says() {
  switch (claim_.form) {
    case pack::Form::row:
      return row();
    case pack::Form::unique:
      if (!other_) return std::nullopt;
      return pair(claim_.tuples[source_of(record_, claim_.tuples)],
                  claim_.tuples[source_of(*other_, claim_.tuples)], false);
    case pack::Form::determines:
      return pair(claim_.tuples[0], claim_.tuples[0], true);
    case pack::Form::disjoint:
      return apart(claim_.ranges, claim_.ranges);
    case pack::Form::apart:
      return apart(claim_.ranges, claim_.others);
    case pack::Form::within:
      return within();
    case pack::Form::preserved:
      return preserved();
    case pack::Form::tiles:
      return tiles();
    case pack::Form::acyclic:
      return acyclic();
  }
  return std::nullopt;
}

z3::expr InstanceClaim::row() {
  const RecordRef of = record_;
  Check check(*world_.model, "row");
  const FormulaPtr where = claim_.set.where ? check.read(claim_.set.where, 0, of.set) : truth(true);
  const FormulaPtr says = either(negation(where), check.read(claim_.predicate, 0, of.set));
  return around_.say(check, says,
                     around_.bind(check, {of.row, 0, 0}, {of.set, pack::kNone, pack::kNone}, &claim_));
}

std::optional<z3::expr> InstanceClaim::pair(const pack::TupleOver& left, const pack::TupleOver& right,
                                            bool determines) {
  if (!other_) return std::nullopt;
  const RecordRef a = record_, b = *other_;
  Check check(*world_.model, "pair");
  const FormulaPtr counts_a = left.set.where ? check.read(left.set.where, 0, a.set) : truth(true);
  const FormulaPtr counts_b = right.set.where ? check.read(right.set.where, 1, b.set) : truth(true);
  const FormulaPtr alike = same(check.read(left.tuple, 0, a.set), check.read(right.tuple, 1, b.set));
  FormulaPtr fine = negation(alike);
  if (determines)
    fine = either(fine, same(check.read(claim_.right, 0, a.set), check.read(claim_.right, 1, b.set)));
  fine = either(fine, negation(both(counts_a, counts_b)));
  return around_.say(check, fine, around_.bind(check, {a.row, b.row, 0}, {a.set, b.set, pack::kNone}));
}

std::optional<z3::expr> InstanceClaim::apart(const std::vector<pack::RangeOver>& left,
                                             const std::vector<pack::RangeOver>& right) {
  if (!other_) return std::nullopt;
  const RecordRef a = record_, b = *other_;
  const pack::RangeOver& of_a = left[source_of(a, left)];
  const pack::RangeOver& of_b = right[source_of(b, right)];
  Check check(*world_.model, "apart");
  const FormulaPtr start_a = check.read(of_a.start, 0, a.set), size_a = check.read(of_a.length, 0, a.set);
  const FormulaPtr start_b = check.read(of_b.start, 1, b.set), size_b = check.read(of_b.length, 1, b.set);
  FormulaPtr fine = either(at_most(sum(start_a, size_a), start_b), at_most(sum(start_b, size_b), start_a));
  fine = either(fine, either(at_most(size_a, number(0)), at_most(size_b, number(0))));
  if (of_a.set.where) fine = either(fine, negation(check.read(of_a.set.where, 0, a.set)));
  if (of_b.set.where) fine = either(fine, negation(check.read(of_b.set.where, 1, b.set)));
  return around_.say(check, fine, around_.bind(check, {a.row, b.row, 0}, {a.set, b.set, pack::kNone}));
}

z3::expr InstanceClaim::within() {
  const RecordRef of = record_;
  struct Near {
    Integer distance;
    size_t source;
    uint32_t row;
  };
  std::vector<Near> near;
  std::vector<Value> values;
  const auto area = [&](Check& check, const pack::RangeOver& over) {
    const FormulaPtr start = check.read(claim_.start, 0, of.set),
                     length = check.read(claim_.length, 0, of.set);
    const FormulaPtr from = check.read(over.start, 1, over.set.set),
                     size = check.read(over.length, 1, over.set.set);
    FormulaPtr fine = either(both(at_most(from, start), at_most(sum(start, length), sum(from, size))),
                             at_most(length, number(0)));
    if (claim_.set.where) fine = either(fine, negation(check.read(claim_.set.where, 0, of.set)));
    return std::array<FormulaPtr, 3>{start, from, fine};
  };
  for (size_t i = 0; i < claim_.ranges.size(); ++i) {
    const uint32_t set = claim_.ranges[i].set.set;
    Check check(*world_.model, "near");
    const auto [start, from, fine] = area(check, claim_.ranges[i]);
    for (uint32_t row = 0; row < world_.sets[set].rows; ++row) {
      values.clear();
      around_.reader().read(check, {of.row, row, 0}, {of.set, set, pack::kNone}, values);
      const Value a = compute(*from, values), b = compute(*start, values);
      if (a.known && b.known)
        near.push_back({a.value < b.value ? b.value - a.value : a.value - b.value, i, row});
    }
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const Near& a, const Near& b) { return a.distance < b.distance; });
  if (near.size() > kAround) near.resize(kAround);
  z3::expr any = around_.context().bool_val(false);
  for (const Near& one : near) {
    const uint32_t set = claim_.ranges[one.source].set.set;
    Check check(*world_.model, "within");
    const auto [start, from, fine] = area(check, claim_.ranges[one.source]);
    any = any ||
          around_.say(check, fine, around_.bind(check, {of.row, one.row, 0}, {of.set, set, pack::kNone}));
  }
  return any;
}

// Either the range is another one, or the map lacks a key.
std::optional<z3::expr> InstanceClaim::preserved() {
  const RecordRef of = record_;
  Check check(*world_.model, "preserved");
  const FormulaPtr start = check.read(claim_.start, 0, of.set), length = check.read(claim_.length, 0, of.set);
  std::vector<Value> values;
  const Sets sets{of.set, pack::kNone, pack::kNone};
  around_.reader().read(check, {of.row, 0, 0}, sets, values);
  const Value at = compute(*start, values), size = compute(*length, values);
  if (!at.known || !size.known) return std::nullopt;
  FormulaPtr other =
      either(negation(equal(start, number(at.value))), negation(equal(length, number(size.value))));
  if (claim_.set.where) other = either(other, negation(check.read(claim_.set.where, 0, of.set)));
  const z3::expr moved = around_.say(check, other, around_.bind(check, {of.row, 0, 0}, sets));
  return moved || around_.is_key_at(of.set, of.row, static_cast<uint64_t>(at.value));
}

std::optional<z3::expr> InstanceClaim::tiles() {
  const RecordRef of = record_;
  const pack::RangeOver& over = claim_.ranges[0];
  const uint32_t set = over.set.set;
  const auto [first, last] = world_.rows_below(set, claim_.tile_hops, of.row);
  if (last - first > Neighbourhood::kRecords) return std::nullopt;
  Check one(*world_.model, "tile");
  const FormulaPtr counts = over.set.where ? one.read(over.set.where, 0, set) : truth(true);
  const FormulaPtr start = one.read(over.start, 0, set);
  std::vector<std::pair<Integer, uint32_t>> order;
  std::vector<Value> values;
  for (uint32_t row = first; row < last; ++row) {
    values.clear();
    around_.reader().read(one, {row, 0, 0}, {set, pack::kNone, pack::kNone}, values);
    const Value does = compute(*counts, values), at = compute(*start, values);
    if (!does.known || !at.known) return std::nullopt;
    if (does.value != 0) order.emplace_back(at.value, row);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Check ends(*world_.model, "ends");
  const FormulaPtr begin = ends.read(claim_.start, 0, of.set);
  const FormulaPtr end = sum(begin, ends.read(claim_.length, 0, of.set));
  if (order.empty())
    return around_.say(ends, at_most(end, begin),
                       around_.bind(ends, {of.row, 0, 0}, {of.set, set, pack::kNone}));
  const FormulaPtr from = ends.read(over.start, 1, set);
  const FormulaPtr to = sum(from, ends.read(over.length, 1, set));
  const Sets sides{of.set, set, pack::kNone};
  z3::expr all =
      around_.say(ends, equal(begin, from), around_.bind(ends, {of.row, order.front().second, 0}, sides)) &&
      around_.say(ends, claim_.overshoot ? at_most(end, to) : equal(end, to),
                  around_.bind(ends, {of.row, order.back().second, 0}, sides));
  Check next(*world_.model, "next");
  const FormulaPtr touch = equal(sum(next.read(over.start, 0, set), next.read(over.length, 0, set)),
                                 next.read(over.start, 1, set));
  for (size_t i = 1; i < order.size(); ++i) {
    all = all &&
          around_.say(next, touch,
                      around_.bind(next, {order[i - 1].second, order[i].second, 0}, {set, set, pack::kNone}));
  }
  return all;
}

z3::expr InstanceClaim::acyclic() {
  const RecordRef of = record_;
  Check check(*world_.model, "link");
  const FormulaPtr next = check.read_column(pack::link_of(world_.sets[of.set].type->plan), 0, of.set);
  // To mend a cycle the chain ends here; to make one it comes back to this very record.
  const FormulaPtr fine =
      around_.purpose() == Neighbourhood::Purpose::mend
          ? equal(next, number(0))
          : negation(equal(next, number(static_cast<Integer>(world_.sets[of.set].address_of(of.row)))));
  return around_.say(check, fine, around_.bind(check, {of.row, 0, 0}, {of.set, pack::kNone, pack::kNone}));
}

std::vector<z3::expr> row_claims_that_hold(const walk::World& world, Neighbourhood& around,
                                           const std::function<bool(const pack::Rule&)>& counts) {
  std::vector<z3::expr> hold;
  const std::vector<std::pair<uint32_t, uint32_t>> records = around.records();
  for (const pack::Rule& rule : world.model->rules) {
    const pack::Claim& claim = rule.claim;
    if (claim.form != pack::Form::row || !claim.terms.empty() || !counts(rule)) continue;
    Check check(*world.model, rule.id);
    const FormulaPtr where = claim.set.where ? check.read(claim.set.where, 0, claim.set.set) : truth(true);
    const FormulaPtr says = either(negation(where), check.read(claim.predicate, 0, claim.set.set));
    if (std::any_of(check.variables.begin(), check.variables.end(),
                    [](const Variable& one) { return one.kind == Variable::Kind::function; }))
      continue;
    std::vector<Value> values;
    for (const auto& [set, row] : records) {
      if (set != claim.set.set) continue;
      values.clear();
      const Neighbourhood::Sets sets{set, pack::kNone, pack::kNone};
      around.reader().read(check, {row, 0, 0}, sets, values);
      const Value now = compute(*says, values);
      if (now.known && now.value != 0)
        hold.push_back(around.say(check, says, around.bind(check, {row, 0, 0}, sets)));
    }
  }
  return hold;
}

}  // namespace khover::prove
