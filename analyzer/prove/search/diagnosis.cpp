#include "prove/search/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>

#include "prove/formula/bitvector.h"
#include "prove/search/instance_claim.h"
#include "prove/search/neighbourhood.h"
#include "prove/solver/smt.h"

namespace khover::prove {
namespace {

using evaluate::RecordRef;

constexpr unsigned kSteps = 100'000;  // solver steps for one attempt
constexpr size_t kPairs = 10;         // of more cells than these no two are tried together

class Diagnosis {
 public:
  Diagnosis(const walk::World& world, const pack::Claim& claim, const evaluate::Instance& instance)
      : world_(world),
        claim_(claim),
        instance_(instance),
        around_(world, context_, Neighbourhood::Purpose::mend) {}

  std::vector<Repair> run() {
    std::optional<z3::expr> goal = state();
    if (!goal) return {};
    for (const RecordRef& record : {instance_.record, instance_.other.value_or(instance_.record)}) {
      const walk::RecordSet& set = world_.sets[record.set];
      if (!set.keys()) continue;  // a key: it is there, or it is not
      const uint32_t phys = set.type->find("phys");
      const Value at =
          phys == pack::kNone ? Value{0, false} : around_.reader().column(record.set, phys, record.row);
      if (at.known)
        goal = *goal || around_.change(Cell::Kind::key, record.set, record.row,
                                       static_cast<uint64_t>(at.value), "key of the preserved memory map");
    }
    // A repair breaks no row claim that these records satisfy now.
    const auto hold =
        row_claims_that_hold(world_, around_, [&](const pack::Rule& rule) { return &rule.claim != &claim_; });
    z3::expr_vector all(context_);
    all.push_back(*goal);
    for (const z3::expr& one : hold) all.push_back(one);
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
  // The claim, said of the record that it fails for. Or that record does not belong to its chain: the one
  // before it should have been the last.
  std::optional<z3::expr> state() {
    const RecordRef of = instance_.record;
    const auto fine = InstanceClaim(world_, around_, claim_, of, instance_.other).says();
    const walk::RecordSet& records = world_.sets[of.set];
    const uint32_t next = pack::link_of(records.type->plan);
    if (!fine || claim_.form != pack::Form::row || next == pack::kNone || of.row == 0 || records.nodes() ||
        records.parent_of(of.row - 1) != records.parent_of(of.row))
      return fine;
    Check link(*world_.model, "link");
    const FormulaPtr ends = equal(link.read_column(next, 0, of.set), number(0));
    return *fine || around_.say(link, ends,
                                around_.bind(link, {of.row - 1, 0, 0}, {of.set, pack::kNone, pack::kNone}));
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
    made.column = cell.column;
    if (!forced) return made;
    const z3::expr value = model.eval(cell.value, true);
    if (column.type == pack::Type::boolean) {
      made.value = value.is_true() ? 1 : 0;
      made.becomes = words(*made.value);
      return made;
    }
    uint64_t number = 0;
    if (!cell.is_text && value.is_numeral_u64(number)) {
      made.value = static_cast<Integer>(number);
      made.becomes = words(*made.value);
    }
    return made;
  }

  // What bugs really do: a field that was never written or never cleared, a counter that was not
  // unwound, a key or a link that is stale; seldom an address or a name that is another one.
  int doubt(const Cell& cell, const Change& change) const {
    int sum = cell.set == instance_.record.set && cell.row == instance_.record.row ? 0 : 1;
    if (cell.kind != Cell::Kind::field) return sum + 1;
    if (change.what == instance_.field) sum -= 2;
    if (cell.was.value == 0) return sum - 1;
    if (cell.column == pack::link_of(world_.sets[cell.set].type->plan)) return sum - 2;
    const bool wide = world_.sets[cell.set].type->columns[cell.column].bits > 32 && cell.was.value > 0xffff;
    return sum + (cell.is_text || wide ? 4 : 0);
  }

  const walk::World& world_;
  const pack::Claim& claim_;
  const evaluate::Instance& instance_;
  z3::context context_;
  Neighbourhood around_;
};

}  // namespace

std::vector<Repair> diagnose(const walk::World& world, const pack::Rule& rule,
                             const evaluate::Instance& instance) {
  try {
    require_room();
    return Diagnosis(world, rule.claim, instance).run();
  } catch (const z3::exception&) {
    return {};
  }
}

}  // namespace khover::prove
