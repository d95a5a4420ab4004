// Certificates of the claims that compare records: an order in which the check of neighbours is enough.
#include <algorithm>

#include "prove/certify/certify.h"

namespace khover::prove {
namespace {

constexpr Interval kWide{-(Integer{1} << 122), Integer{1} << 122};

Value known(Integer value) { return {value, true}; }

}  // namespace

std::vector<Certifier::Place> Certifier::ordered(const std::vector<pack::TupleOver>& sources,
                                                 const std::string& name) {
  std::vector<Place> places;
  for (uint32_t s = 0; s < sources.size(); ++s) {
    const pack::TupleOver& over = sources[s];
    std::vector<pack::ExprPtr> exprs = over.tuple;
    if (over.set.where) exprs.push_back(over.set.where);
    Probe probe(*this, over.set.set, exprs);
    Plan& left_out = plan(name + ".left-out", {over.set.set, pack::kNone, pack::kNone});
    if (over.set.where)
      left_out.check.require(negation(left_out.check.read(over.set.where, 0, over.set.set)));
    ready(left_out);
    for (uint32_t row = 0; row < world_.sets[over.set.set].rows; ++row) {
      const auto& values = probe.at(row);
      if (over.set.where && values.back().known && values.back().value == 0) {
        state(left_out, {row, 0, 0});
        continue;
      }
      Place place{{}, s, row};
      for (size_t i = 0; i < over.tuple.size(); ++i) {
        if (!values[i].known) facts_.give_up("a value that orders the records is unknown");
        place.key.push_back(values[i].value);
      }
      places.push_back(std::move(place));
    }
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.key < b.key; });
  return places;
}

// unique: each tuple is less than the next one. determines: or equal, and the right sides too.
void Certifier::unique(bool determines) {
  const std::vector<Place> places = ordered(claim_.tuples, "order");
  const auto sources = static_cast<uint32_t>(claim_.tuples.size());
  ByCase<2> next(*this, {sources, sources}, [&](const std::array<uint32_t, 2>& pair) -> Plan& {
    const pack::TupleOver &a = claim_.tuples[pair[0]], &b = claim_.tuples[pair[1]];
    Plan& made = plan("order.next", {a.set.set, b.set.set, pack::kNone});
    const auto left = made.check.read(a.tuple, 0, a.set.set), right = made.check.read(b.tuple, 1, b.set.set);
    FormulaPtr in_order = before(left, right);
    if (determines) {
      in_order = either(in_order, both(same(left, right), same(made.check.read(claim_.right, 0, a.set.set),
                                                               made.check.read(claim_.right, 1, b.set.set))));
    }
    made.check.require(in_order);
    return made;
  });
  for (size_t i = 1; i < places.size() && !facts_.stopped(); ++i) {
    state(next[{places[i - 1].source, places[i].source}], {places[i - 1].row, places[i].row, 0});
  }
}

// Places of non-empty ranges by start; key: start, length.
std::vector<Certifier::Place> Certifier::ordered_ranges(const std::vector<pack::RangeOver>& sources,
                                                        const std::string& name) {
  std::vector<Place> places;
  for (uint32_t s = 0; s < sources.size(); ++s) {
    const pack::RangeOver& over = sources[s];
    const uint32_t set = over.set.set;
    std::vector<pack::ExprPtr> exprs = {over.start, over.length};
    if (over.set.where) exprs.push_back(over.set.where);
    Probe probe(*this, set, exprs);
    Plan& left_out = plan(name + ".left-out", {set, pack::kNone, pack::kNone});
    FormulaPtr none = at_most(left_out.check.read(over.length, 0, set), number(0));
    if (over.set.where) none = either(negation(left_out.check.read(over.set.where, 0, set)), none);
    left_out.check.require(none);
    ready(left_out);
    for (uint32_t row = 0; row < world_.sets[set].rows; ++row) {
      const auto values = probe.at(row);
      const bool counts = !over.set.where || !values[2].known || values[2].value != 0;
      if (!counts || (values[1].known && values[1].value <= 0)) {
        state(left_out, {row, 0, 0});
        continue;
      }
      if (!values[0].known || !values[1].known) facts_.give_up("a value that orders the records is unknown");
      places.push_back({{values[0].value, values[1].value}, s, row});
    }
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.key < b.key; });
  return places;
}

// Each range ends where the next one begins, or before.
void Certifier::disjoint() {
  const std::vector<Place> places = ordered_ranges(claim_.ranges, "runs");
  const auto sources = static_cast<uint32_t>(claim_.ranges.size());
  ByCase<2> next(*this, {sources, sources}, [&](const std::array<uint32_t, 2>& pair) -> Plan& {
    const pack::RangeOver &a = claim_.ranges[pair[0]], &b = claim_.ranges[pair[1]];
    Plan& made = plan("runs.next", {a.set.set, b.set.set, pack::kNone});
    Check& check = made.check;
    check.require(at_most(sum(check.read(a.start, 0, a.set.set), check.read(a.length, 0, a.set.set)),
                          check.read(b.start, 1, b.set.set)));
    return made;
  });
  for (size_t i = 1; i < places.size() && !facts_.stopped(); ++i) {
    state(next[{places[i - 1].source, places[i].source}], {places[i - 1].row, places[i].row, 0});
  }
}

// The ranges of the right side by start, each with the greatest end so far ("reach"). A range of
// the left side is between two neighbours: past the reach of the first, before the second.
void Certifier::apart() {
  const std::vector<Place> right = ordered_ranges(claim_.others, "right");
  const std::vector<Place> left = ordered_ranges(claim_.ranges, "left");
  std::vector<Integer> reach;
  const auto others = static_cast<uint32_t>(claim_.others.size());
  ByCase<2> step(*this, {others, others}, [&](const std::array<uint32_t, 2>& pair) -> Plan& {
    const pack::RangeOver &a = claim_.others[pair[0]], &b = claim_.others[pair[1]];
    Plan& made = plan("right.next", {a.set.set, b.set.set, pack::kNone});
    Check& check = made.check;
    const FormulaPtr was = check.state("reach before", kWide), is = check.state("reach", kWide);
    const FormulaPtr start = check.read(b.start, 1, b.set.set);
    check.require(both(at_most(check.read(a.start, 0, a.set.set), start),
                       both(at_most(was, is), at_most(sum(start, check.read(b.length, 1, b.set.set)), is))));
    return made;
  });
  for (size_t i = 0; i < right.size() && !facts_.stopped(); ++i) {
    const Integer end = right[i].key[0] + right[i].key[1];
    const Integer previous = i == 0 ? end : reach[i - 1];
    reach.push_back(std::max(previous, end));
    const uint32_t before_source = right[i == 0 ? 0 : i - 1].source;
    state(step[{before_source, right[i].source}], {right[i == 0 ? 0 : i - 1].row, right[i].row, 0},
          {known(previous), known(reach[i])});
  }
  ByCase<4> gap(*this, {static_cast<uint32_t>(claim_.ranges.size()), others, 2, 2},
                [&](const std::array<uint32_t, 4>& of) -> Plan& {
                  const auto [source, after_source, has_before, has_after] = of;
                  const pack::RangeOver& a = claim_.ranges[source];
                  const pack::RangeOver& b = claim_.others[after_source];
                  Plan& made = plan("gap", {a.set.set, has_after ? b.set.set : pack::kNone, pack::kNone});
                  Check& check = made.check;
                  const FormulaPtr start = check.read(a.start, 0, a.set.set);
                  if (has_before) check.require(at_most(check.state("reach", kWide), start));
                  if (has_after)
                    check.require(at_most(sum(start, check.read(a.length, 0, a.set.set)),
                                          check.read(b.start, 1, b.set.set)));
                  return made;
                });
  for (const Place& one : left) {
    if (facts_.stopped()) return;
    const auto after =
        std::upper_bound(right.begin(), right.end(), one.key[0],
                         [](Integer value, const Place& place) { return value < place.key[0]; });
    const bool has_before = after != right.begin(), has_after = after != right.end();
    if (!has_before && !has_after) continue;
    const uint32_t after_source = has_after ? after->source : 0;
    std::vector<Value> stated;
    if (has_before) stated.push_back(known(reach[static_cast<size_t>(after - right.begin()) - 1]));
    state(gap[{one.source, after_source, has_before, has_after}], {one.row, has_after ? after->row : 0, 0},
          stated);
  }
}

// Areas that touch or overlap form one; the range of each record is in one of them.
void Certifier::within() {
  const std::vector<Place> pieces = ordered_ranges(claim_.ranges, "areas");
  struct Area {
    Integer start, end;
    size_t piece;
  };
  std::vector<Area> areas;
  ByCase<2> grown(
      *this, {static_cast<uint32_t>(claim_.ranges.size()), 2},
      [&](const std::array<uint32_t, 2>& of) -> Plan& {
        const auto [source, joins] = of;
        const pack::RangeOver& over = claim_.ranges[source];
        Plan& made = plan(joins ? "area.next" : "area.first", {over.set.set, pack::kNone, pack::kNone});
        Check& check = made.check;
        const FormulaPtr was = check.state("covered before", kWide), is = check.state("covered", kWide);
        const FormulaPtr first = check.read(over.start, 0, over.set.set);
        const FormulaPtr last = sum(first, check.read(over.length, 0, over.set.set));
        check.require(both(joins ? at_most(first, was) : equal(first, was),
                           either(at_most(is, was), at_most(is, last))));
        return made;
      });
  for (size_t i = 0; i < pieces.size() && !facts_.stopped(); ++i) {
    const Integer start = pieces[i].key[0], end = start + pieces[i].key[1];
    const bool joins = !claim_.within_one && !areas.empty() && start <= areas.back().end;
    const Integer reached = joins ? areas.back().end : start;
    if (joins)
      areas.back().end = std::max(areas.back().end, end);
    else
      areas.push_back({start, end, i});
    state(grown[{pieces[i].source, joins}], {pieces[i].row, 0, 0}, {known(reached), known(areas.back().end)});
  }
  const uint32_t set = claim_.set.set;
  std::vector<pack::ExprPtr> exprs = {claim_.start, claim_.length};
  if (claim_.set.where) exprs.push_back(claim_.set.where);
  Probe probe(*this, set, exprs);
  Plan& inside = plan("inside", {set, pack::kNone, pack::kNone});
  Check& check = inside.check;
  const FormulaPtr from = check.state("area", kWide), to = check.state("area end", kWide);
  const FormulaPtr start = check.read(claim_.start, 0, set), length = check.read(claim_.length, 0, set);
  FormulaPtr holds =
      either(at_most(length, number(0)), both(at_most(from, start), at_most(sum(start, length), to)));
  if (claim_.set.where) holds = operation(Op::implies, {check.read(claim_.set.where, 0, set), holds});
  check.require(holds);
  ready(inside);
  for (uint32_t row = 0; row < world_.sets[set].rows && !facts_.stopped(); ++row) {
    const Integer at = probe.at(row)[0].value;
    const auto after = std::upper_bound(areas.begin(), areas.end(), at,
                                        [](Integer value, const Area& area) { return value < area.start; });
    const Area area = after == areas.begin() ? Area{0, 0, 0} : *std::prev(after);
    state(inside, {row, 0, 0}, {known(area.start), known(area.end)});
  }
}

// The tiles below one record, in their order: the first at its start, each where the last one ended.
void Certifier::tiles() {
  const uint32_t outer_set = claim_.set.set;
  const pack::RangeOver& over = claim_.ranges[0];
  const uint32_t tile_set = over.set.set;
  std::vector<pack::ExprPtr> exprs = {over.start, over.length};
  if (over.set.where) exprs.push_back(over.set.where);
  Probe probe(*this, tile_set, exprs);
  Probe counts(*this, outer_set,
               claim_.set.where ? std::vector{claim_.set.where} : std::vector<pack::ExprPtr>{});
  const auto build = [&](const char* name, Sets sets, auto require) -> Plan& {
    Plan& made = plan(name, sets);
    require(made.check);
    ready(made);
    return made;
  };
  const auto end_of = [&](Check& check) {
    return sum(check.read(claim_.start, 0, outer_set), check.read(claim_.length, 0, outer_set));
  };
  const auto ends = [&](const FormulaPtr& reached, const FormulaPtr& end) {
    return claim_.overshoot ? at_most(end, reached) : equal(reached, end);
  };
  Plan& outside = build("tiles.left-out", {outer_set, pack::kNone, pack::kNone}, [&](Check& check) {
    if (claim_.set.where) check.require(negation(check.read(claim_.set.where, 0, outer_set)));
  });
  Plan& skipped = build("tiles.skipped", {tile_set, pack::kNone, pack::kNone}, [&](Check& check) {
    if (over.set.where) check.require(negation(check.read(over.set.where, 0, tile_set)));
  });
  Plan& empty = build("tiles.none", {outer_set, pack::kNone, pack::kNone}, [&](Check& check) {
    check.require(ends(check.read(claim_.start, 0, outer_set), end_of(check)));
  });
  Plan& first = build("tiles.first", {outer_set, tile_set, pack::kNone}, [&](Check& check) {
    const FormulaPtr start = check.read(over.start, 1, tile_set);
    check.require(both(equal(start, check.read(claim_.start, 0, outer_set)), less(start, end_of(check))));
  });
  Plan& next = build("tiles.next", {outer_set, tile_set, tile_set}, [&](Check& check) {
    const FormulaPtr start = check.read(over.start, 2, tile_set);
    check.require(
        both(equal(start, sum(check.read(over.start, 1, tile_set), check.read(over.length, 1, tile_set))),
             less(start, end_of(check))));
  });
  Plan& last = build("tiles.last", {outer_set, tile_set, pack::kNone}, [&](Check& check) {
    check.require(
        ends(sum(check.read(over.start, 1, tile_set), check.read(over.length, 1, tile_set)), end_of(check)));
  });
  std::vector<Place> places;
  for (uint32_t outer = 0; outer < world_.sets[outer_set].rows && !facts_.stopped(); ++outer) {
    if (claim_.set.where && counts.at(outer)[0].known && counts.at(outer)[0].value == 0) {
      state(outside, {outer, 0, 0});
      continue;
    }
    places.clear();
    const auto [from, to] = world_.rows_below(tile_set, claim_.tile_hops, outer);
    for (uint32_t row = from; row < to; ++row) {
      const auto& values = probe.at(row);
      if (over.set.where && values[2].known && values[2].value == 0)
        state(skipped, {row, 0, 0});
      else
        places.push_back({{values[0].value}, 0, row});
    }
    std::stable_sort(places.begin(), places.end(),
                     [](const Place& a, const Place& b) { return a.key < b.key; });
    if (places.empty()) {
      state(empty, {outer, 0, 0});
      continue;
    }
    state(first, {outer, places.front().row, 0});
    for (size_t i = 1; i < places.size(); ++i) state(next, {outer, places[i - 1].row, places[i].row});
    state(last, {outer, places.back().row, 0});
  }
}

// A rank that grows along every link: the place in which the walk met the record. A link that
// leads to no record of the set is between the addresses of two neighbours.
void Certifier::acyclic() {
  const uint32_t set = claim_.set.set;
  const walk::RecordSet& records = world_.sets[set];
  const uint32_t link = pack::link_of(records.type->plan), address = records.type->find("_addr");
  std::vector<std::pair<uint64_t, uint32_t>> by_address;
  for (uint32_t row = 0; row < records.rows; ++row) by_address.emplace_back(records.address_of(row), row);
  std::sort(by_address.begin(), by_address.end());
  Plan& neighbours = plan("addresses.next", {set, set, pack::kNone});
  neighbours.check.require(
      less(neighbours.check.read_column(address, 0, set), neighbours.check.read_column(address, 1, set)));
  ready(neighbours);
  for (size_t i = 1; i < by_address.size(); ++i)
    state(neighbours, {by_address[i - 1].second, by_address[i].second, 0});
  Plan& last = plan("link.none", {set, pack::kNone, pack::kNone});
  last.check.require(equal(last.check.read_column(link, 0, set), number(0)));
  ready(last);
  Plan& follow = plan("link.rank", {set, set, pack::kNone});
  const FormulaPtr rank = follow.check.state("rank", kWide),
                   rank_next = follow.check.state("rank of the next", kWide);
  follow.check.require(
      both(equal(follow.check.read_column(link, 0, set), follow.check.read_column(address, 1, set)),
           less(rank, rank_next)));
  ready(follow);
  ByCase<2> elsewhere(*this, {2, 2}, [&](const std::array<uint32_t, 2>& of) -> Plan& {
    const auto [has_before, has_after] = of;
    Plan& made = plan("link.elsewhere", {set, has_before ? set : pack::kNone, has_after ? set : pack::kNone});
    const FormulaPtr value = made.check.read_column(link, 0, set);
    if (has_before) made.check.require(less(made.check.read_column(address, 1, set), value));
    if (has_after) made.check.require(less(value, made.check.read_column(address, 2, set)));
    return made;
  });
  for (uint32_t row = 0; row < records.rows && !facts_.stopped(); ++row) {
    const Value next = reader_.column(set, link, row);
    if (next.known && next.value == 0) {
      state(last, {row, 0, 0});
      continue;
    }
    const auto at = std::lower_bound(by_address.begin(), by_address.end(), static_cast<uint64_t>(next.value),
                                     [](const auto& one, uint64_t value) { return one.first < value; });
    if (at != by_address.end() && static_cast<Integer>(at->first) == next.value) {
      state(follow, {row, at->second, 0}, {known(row), known(at->second)});
      continue;
    }
    const bool has_before = at != by_address.begin(), has_after = at != by_address.end();
    state(elsewhere[{has_before, has_after}],
          {row, has_before ? std::prev(at)->second : 0, has_after ? at->second : 0});
  }
}

}  // namespace khover::prove
