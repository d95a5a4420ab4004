// Certificates of the terms of a row claim: the record that a membership refers to, the partial sums of an
// aggregate.
#include <algorithm>
#include <map>

#include "prove/certify/certify.h"

namespace khover::prove {
namespace {

constexpr Interval kWide{-(Integer{1} << 121), Integer{1} << 121};

Value known(Integer value) { return {value, true}; }

}  // namespace

void Certifier::certify_terms(std::vector<std::vector<Value>>& values) {
  values.resize(claim_.terms.size());
  for (size_t i = 0; i < claim_.terms.size(); ++i) {
    values[i].assign(world_.sets[claim_.set.set].rows, {0, false});
    if (claim_.terms[i].is_membership)
      certify_membership(claim_.terms[i], values[i]);
    else
      certify_aggregate(claim_.terms[i], values[i]);
  }
}

// A record's tuple is between two neighbours: past the first, before the second.
Certifier::Plan& Certifier::between(const char* name, const pack::Term& term, bool has_before,
                                    bool has_after) {
  const uint32_t outer_set = claim_.set.set, set = term.set.set;
  Plan& made = plan(name, {outer_set, has_before ? set : pack::kNone, has_after ? set : pack::kNone});
  const auto tuple = made.check.read(term.outer, 0, outer_set);
  if (has_before) made.check.require(before(made.check.read(term.key, 1, set), tuple));
  if (has_after) made.check.require(before(tuple, made.check.read(term.key, 2, set)));
  return made;
}

// (outer) in set: the record that has the tuple; or, when none has, the two between which it would be.
void Certifier::certify_membership(const pack::Term& term, std::vector<Value>& values) {
  const uint32_t outer_set = claim_.set.set, set = term.set.set;
  const std::vector<Place> places = ordered({{term.set, term.key}}, "members");
  Plan& order = plan("members.next", {set, set, pack::kNone});
  {
    const auto a = order.check.read(term.key, 0, set), b = order.check.read(term.key, 1, set);
    order.check.require(either(before(a, b), same(a, b)));
  }
  ready(order);
  for (size_t i = 1; i < places.size(); ++i) state(order, {places[i - 1].row, places[i].row, 0});
  Plan& member = plan("member", {outer_set, set, pack::kNone});
  member.check.require(
      same(member.check.read(term.outer, 0, outer_set), member.check.read(term.key, 1, set)));
  if (term.set.where) member.check.require(member.check.read(term.set.where, 1, set));
  ready(member);
  ByCase<2> absent(*this, {2, 2}, [&](const std::array<uint32_t, 2>& of) -> Plan& {
    return between("member.absent", term, of[0] != 0, of[1] != 0);
  });
  const bool open = world_.opening(set) != nullptr;
  Probe outer(*this, outer_set, term.outer);
  for (uint32_t row = 0; row < values.size() && !facts_.stopped(); ++row) {
    const auto& tuple = outer.at(row);
    if (std::any_of(tuple.begin(), tuple.end(), [](const Value& one) { return !one.known; })) continue;
    std::vector<Integer> key;
    for (const Value& one : tuple) key.push_back(one.value);
    const auto at = std::lower_bound(
        places.begin(), places.end(), key,
        [](const Place& place, const std::vector<Integer>& value) { return place.key < value; });
    if (at != places.end() && at->key == key) {
      values[row] = known(1);
      state(member, {row, at->row, 0});
      continue;
    }
    if (open) continue;
    values[row] = known(0);
    const bool has_before = at != places.begin(), has_after = at != places.end();
    state(absent[{has_before, has_after}],
          {row, has_before ? std::prev(at)->row : 0, has_after ? at->row : 0});
  }
}

// Records group by group, each adding to the sum of those before it. A group is a family below
// one record, or records whose keys are equal and are side by side in the order of keys.
void Certifier::certify_aggregate(const pack::Term& term, std::vector<Value>& values) {
  const uint32_t outer_set = claim_.set.set, set = term.set.set;
  Plan& add = plan("sum.next", {set, pack::kNone, pack::kNone});
  {
    const FormulaPtr was = add.check.state("sum before", kWide), is = add.check.state("sum", kWide);
    FormulaPtr value = term.value ? add.check.read(term.value, 0, set) : number(1);
    if (term.set.where)
      value = call(Formula::Kind::select, {add.check.read(term.set.where, 0, set), value, number(0)},
                   {std::min<Integer>(value->range.low, 0), std::max<Integer>(value->range.high, 0)});
    add.check.require(equal(sum(was, value), is));
  }
  ready(add);
  std::vector<pack::ExprPtr> exprs;
  if (term.value) exprs.push_back(term.value);
  if (term.set.where) exprs.push_back(term.set.where);
  Probe probe(*this, set, exprs);
  const auto add_row = [&](uint32_t row, Value& running) {
    const auto& read = probe.at(row);
    const Value where = term.set.where ? read.back() : known(1);
    const Value one = term.value ? read.front() : known(1);
    if (!running.known || !where.known || (where.value != 0 && !one.known)) {
      running.known = false;
      return;
    }
    const Integer next = running.value + (where.value != 0 ? one.value : 0);
    state(add, {row, 0, 0}, {running, known(next)});
    running.value = next;
  };
  if (term.group_hops != pack::kNone) {
    for (uint32_t outer = 0; outer < values.size() && !facts_.stopped(); ++outer) {
      Value running = known(0);
      const auto [from, to] = world_.rows_below(set, term.group_hops, outer);
      for (uint32_t row = from; row < to; ++row) add_row(row, running);
      running.known = running.known && world_.opening_below(set, term.group_hops, outer) == nullptr;
      values[outer] = running;
    }
    return;
  }
  const bool open = world_.opening(set) != nullptr;
  if (term.key.empty()) {
    Value running = known(0);
    for (uint32_t row = 0; row < world_.sets[set].rows && !facts_.stopped(); ++row) add_row(row, running);
    running.known = running.known && !open;
    std::fill(values.begin(), values.end(), running);
    return;
  }
  const std::vector<Place> places = ordered({{pack::SetRef{set, nullptr}, term.key}}, "groups");
  Plan& order = plan("groups.next", {set, set, pack::kNone});
  {
    const auto a = order.check.read(term.key, 0, set), b = order.check.read(term.key, 1, set);
    const FormulaPtr joined = order.check.state("in one group", {0, 1});
    order.check.require(
        either(both(equal(joined, number(1)), same(a, b)), both(equal(joined, number(0)), before(a, b))));
  }
  ready(order);
  std::map<std::vector<Integer>, std::pair<Value, uint32_t>> sums;  // and a record of the group
  for (size_t i = 0; i < places.size() && !facts_.stopped(); ++i) {
    const bool joined = i > 0 && places[i - 1].key == places[i].key;
    if (i > 0) state(order, {places[i - 1].row, places[i].row, 0}, {known(joined)});
    auto& group = sums.try_emplace(places[i].key, known(0), places[i].row).first->second;
    add_row(places[i].row, group.first);
  }
  Plan& mine = plan("group", {outer_set, set, pack::kNone});
  mine.check.require(same(mine.check.read(term.outer, 0, outer_set), mine.check.read(term.key, 1, set)));
  ready(mine);
  ByCase<2> absent(*this, {2, 2}, [&](const std::array<uint32_t, 2>& of) -> Plan& {
    return between("group.absent", term, of[0] != 0, of[1] != 0);
  });
  Probe outer(*this, outer_set, term.outer);
  for (uint32_t row = 0; row < values.size() && !facts_.stopped(); ++row) {
    const auto& tuple = outer.at(row);
    if (open || std::any_of(tuple.begin(), tuple.end(), [](const Value& one) { return !one.known; }))
      continue;
    std::vector<Integer> key;
    for (const Value& one : tuple) key.push_back(one.value);
    if (const auto group = sums.find(key); group != sums.end()) {
      values[row] = group->second.first;
      state(mine, {row, group->second.second, 0});
      continue;
    }
    values[row] = known(0);
    const auto at = std::lower_bound(
        places.begin(), places.end(), key,
        [](const Place& place, const std::vector<Integer>& value) { return place.key < value; });
    const bool has_before = at != places.begin(), has_after = at != places.end();
    state(absent[{has_before, has_after}],
          {row, has_before ? std::prev(at)->row : 0, has_after ? at->row : 0});
  }
}

}  // namespace khover::prove
