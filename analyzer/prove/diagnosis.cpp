#include "prove/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>

#include "prove/meaning.h"
#include "prove/neighbourhood.h"

namespace khover::prove {
namespace {

using evaluate::RecordRef;

constexpr unsigned kSteps = 100'000;  // solver steps for one attempt
constexpr size_t kPairs = 10;         // of more cells than these no two are tried together
constexpr size_t kAround = 6;         // ranges that a range is compared with: the nearest

class Diagnosis {
 public:
  Diagnosis(const walk::World& world, const pack::Claim& claim, const evaluate::Instance& instance)
      : world_(world), claim_(claim), instance_(instance), around_(world, context_) {}

  std::vector<Repair> run() {
    std::optional<z3::expr> goal = state();
    if (!goal) return {};
    for (const RecordRef& record : {instance_.record, instance_.other.value_or(instance_.record)}) {
      const walk::RecordSet& set = world_.sets[record.set];
      if (set.leaves.empty()) continue;  // a key: it is there, or it is not
      const uint32_t phys = set.type->find("phys");
      const Value at =
          phys == pack::kNone ? Value{0, false} : around_.reader().column(record.set, phys, record.row);
      if (at.known)
        goal = *goal || around_.repair(Cell::Kind::key, record.set, record.row,
                                       static_cast<uint64_t>(at.value), "key of the preserved memory map");
    }
    keep_what_holds();
    z3::expr_vector all(context_);
    all.push_back(*goal);
    for (const z3::expr& one : hold_) all.push_back(one);
    for (unsigned i = 0; i < around_.limits().size(); ++i)
      all.push_back(around_.limits()[static_cast<int>(i)]);
    const z3::expr rules = z3::mk_and(all);
    std::vector<Repair> repairs;
    const auto& cells = around_.cells();
    for (size_t i = 0; i < cells.size() && repairs.size() < kRepairs; ++i)
      attempt(rules, {&cells[i]}, repairs);
    if (repairs.empty() && cells.size() <= kPairs) {
      for (size_t i = 0; i < cells.size(); ++i) {
        for (size_t j = i + 1; j < cells.size() && repairs.size() < kRepairs; ++j)
          attempt(rules, {&cells[i], &cells[j]}, repairs);
      }
    }
    std::stable_sort(repairs.begin(), repairs.end(),
                     [](const Repair& a, const Repair& b) { return a.doubt < b.doubt; });
    return repairs;
  }

 private:
  using Sets = Neighbourhood::Sets;

  // The claim, said of the record that it fails for; nullopt: this form, or so many records, are not
  // diagnosed.
  std::optional<z3::expr> state() {
    switch (claim_.form) {
      case pack::Form::row:
        return row();
      case pack::Form::unique:
        if (!instance_.other) return std::nullopt;
        return pair(claim_.tuples[source_of(instance_.record, claim_.tuples)],
                    claim_.tuples[source_of(*instance_.other, claim_.tuples)], false);
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

  template <typename Over>
  static size_t source_of(RecordRef record, const std::vector<Over>& sources) {
    for (size_t i = 0; i < sources.size(); ++i) {
      if (sources[i].set.set == record.set) return i;
    }
    return 0;
  }

  std::optional<z3::expr> row() {
    const RecordRef of = instance_.record;
    Check check(*world_.model, "row");
    const FormulaPtr where = claim_.set.where ? check.read(claim_.set.where, 0, of.set) : truth(true);
    const FormulaPtr says = either(negation(where), check.read(claim_.predicate, 0, of.set));
    const z3::expr fine = around_.say(
        check, says, around_.bind(check, {of.row, 0, 0}, {of.set, pack::kNone, pack::kNone}, &claim_));
    const walk::RecordSet& records = world_.sets[of.set];
    const uint32_t next = records.type->next_column;
    if (next == pack::kNone || of.row == 0 || !records.fdt.empty() ||
        records.parent_of(of.row - 1) != records.parent_of(of.row))
      return fine;
    // Or the record does not belong to the chain: the one before should have been the last.
    Check link(*world_.model, "link");
    const FormulaPtr ends = equal(link.read_column(next, 0, of.set), number(0));
    return fine || around_.say(link, ends,
                               around_.bind(link, {of.row - 1, 0, 0}, {of.set, pack::kNone, pack::kNone}));
  }

  std::optional<z3::expr> pair(const pack::TupleOver& left, const pack::TupleOver& right, bool determines) {
    if (!instance_.other) return std::nullopt;
    const RecordRef a = instance_.record, b = *instance_.other;
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

  std::optional<z3::expr> apart(const std::vector<pack::RangeOver>& left,
                                const std::vector<pack::RangeOver>& right) {
    if (!instance_.other) return std::nullopt;
    const RecordRef a = instance_.record, b = *instance_.other;
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

  std::optional<z3::expr> within() {
    const RecordRef of = instance_.record;
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
    z3::expr any = context_.bool_val(false);
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
  std::optional<z3::expr> preserved() {
    const RecordRef of = instance_.record;
    Check check(*world_.model, "preserved");
    const FormulaPtr start = check.read(claim_.start, 0, of.set),
                     length = check.read(claim_.length, 0, of.set);
    std::vector<Value> values;
    const Sets sets{of.set, pack::kNone, pack::kNone};
    around_.reader().read(check, {of.row, 0, 0}, sets, values);
    const Value at = compute(*start, values), size = compute(*length, values);
    if (!at.known || !size.known) return std::nullopt;
    FormulaPtr other =
        either(negation(equal(start, number(at.value))), negation(equal(length, number(size.value))));
    if (claim_.set.where) other = either(other, negation(check.read(claim_.set.where, 0, of.set)));
    const z3::expr moved = around_.say(check, other, around_.bind(check, {of.row, 0, 0}, sets));
    return moved || around_.repair(Cell::Kind::key, of.set, of.row, static_cast<uint64_t>(at.value),
                                   "preserved memory map");
  }

  std::optional<z3::expr> tiles() {
    const RecordRef of = instance_.record;
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
      all = all && around_.say(next, touch,
                               around_.bind(next, {order[i - 1].second, order[i].second, 0},
                                            {set, set, pack::kNone}));
    }
    return all;
  }

  std::optional<z3::expr> acyclic() {
    const RecordRef of = instance_.record;
    Check check(*world_.model, "link");
    const FormulaPtr next = check.read_column(world_.sets[of.set].type->next_column, 0, of.set);
    return around_.say(check, equal(next, number(0)),
                       around_.bind(check, {of.row, 0, 0}, {of.set, pack::kNone, pack::kNone}));
  }

  // A repair breaks no row claim that these records satisfy now. Claims that ask memory are left out:
  // what it would answer for other arguments nobody knows, and to leave that open costs seconds.
  void keep_what_holds() {
    const std::vector<std::pair<uint32_t, uint32_t>> records = around_.records();
    for (const pack::Rule& rule : world_.model->rules) {
      const pack::Claim& claim = rule.claim;
      if (claim.form != pack::Form::row || !claim.terms.empty() || &claim == &claim_) continue;
      Check check(*world_.model, rule.id);
      const FormulaPtr where = claim.set.where ? check.read(claim.set.where, 0, claim.set.set) : truth(true);
      const FormulaPtr says = either(negation(where), check.read(claim.predicate, 0, claim.set.set));
      if (std::any_of(check.variables.begin(), check.variables.end(),
                      [](const Variable& one) { return one.kind == Variable::Kind::function; }))
        continue;
      std::vector<Value> values;
      for (const auto& [set, row] : records) {
        if (set != claim.set.set) continue;
        values.clear();
        const Sets sets{set, pack::kNone, pack::kNone};
        around_.reader().read(check, {row, 0, 0}, sets, values);
        const Value now = compute(*says, values);
        if (now.known && now.value != 0)
          hold_.push_back(around_.say(check, says, around_.bind(check, {row, 0, 0}, sets)));
      }
    }
  }

  // Whether it is enough to change these cells. All others are constants: what is left to solve is small.
  void attempt(const z3::expr& rules, const std::vector<const Cell*>& changed, std::vector<Repair>& repairs) {
    z3::expr_vector from(context_), to(context_);
    for (const Cell& cell : around_.cells()) {
      const bool changes = std::find(changed.begin(), changed.end(), &cell) != changed.end();
      from.push_back(cell.kept);
      to.push_back(context_.bool_val(!changes));
      if (changes || cell.kind != Cell::Kind::field) continue;
      from.push_back(cell.value);
      to.push_back(around_.value_of(cell));
    }
    z3::expr left = rules;
    left = left.substitute(from, to).simplify();
    if (left.is_false()) return;
    z3::solver solver(context_, "QF_BV");
    z3::params params(context_);
    params.set("rlimit", kSteps);
    solver.set(params);
    solver.add(left);
    if (solver.check() != z3::sat) return;
    const z3::model model = solver.get_model();
    Repair repair;
    for (const Cell* cell : changed) {
      bool forced = false;  // no other value would do
      if (cell->kind == Cell::Kind::field) {
        z3::solver other(context_, "QF_BV");
        other.set(params);
        other.add(left && cell->value != model.eval(cell->value, true));
        forced = other.check() == z3::unsat;
      }
      repair.changes.push_back(change(*cell, model, forced));
      repair.doubt += doubt(*cell, repair.changes.back());
    }
    repairs.push_back(std::move(repair));
  }

  Change change(const Cell& cell, const z3::model& model, bool forced) {
    Change made;
    made.record = {cell.set, cell.row};
    made.address = cell.address;
    made.what = cell.name;
    if (cell.kind != Cell::Kind::field) return made;
    const pack::Column& column = world_.sets[cell.set].type->columns[cell.column];
    const auto words = [&](Integer value) {
      if (cell.is_text) return around_.reader().text(value);
      const auto number = static_cast<uint64_t>(value);
      return number > 4096 ? fmt::format("{:#x}", number) : std::to_string(number);
    };
    made.was = words(cell.was.value);
    if (!forced) return made;
    const z3::expr value = model.eval(cell.value, true);
    if (column.type == pack::Type::boolean) {
      made.becomes = std::to_string(value.is_true() ? 1 : 0);
      return made;
    }
    uint64_t number = 0;
    if (!cell.is_text && value.is_numeral_u64(number)) made.becomes = words(static_cast<Integer>(number));
    return made;
  }

  // What bugs really do: a field that was never written or never cleared, a counter that was not
  // unwound, a key or a link that stayed behind; seldom an address or a name that is another one.
  int doubt(const Cell& cell, const Change& change) const {
    int sum = cell.set == instance_.record.set && cell.row == instance_.record.row ? 0 : 1;
    if (cell.kind != Cell::Kind::field) return sum + 1;
    if (change.what == instance_.field) sum -= 2;
    if (cell.was.value == 0) return sum - 1;
    if (cell.column == world_.sets[cell.set].type->next_column) return sum - 2;
    const bool wide = world_.sets[cell.set].type->columns[cell.column].bits > 32 && cell.was.value > 0xffff;
    return sum + (cell.is_text || wide ? 4 : 0);
  }

  const walk::World& world_;
  const pack::Claim& claim_;
  const evaluate::Instance& instance_;
  z3::context context_;
  Neighbourhood around_;
  std::vector<z3::expr> hold_;
};

}  // namespace

std::vector<Repair> diagnose(const walk::World& world, const pack::Rule& rule,
                             const evaluate::Instance& instance) {
  try {
    return Diagnosis(world, rule.claim, instance).run();
  } catch (const z3::exception&) {
    return {};
  }
}

}  // namespace khover::prove
