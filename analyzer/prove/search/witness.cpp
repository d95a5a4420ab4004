#include "prove/search/witness.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "prove/formula/bitvector.h"
#include "prove/formula/encode.h"
#include "prove/search/consistency.h"
#include "prove/search/instance_claim.h"
#include "prove/search/neighbourhood.h"

namespace khover::prove {
namespace {

constexpr unsigned kSteps = 100'000;    // solver steps for one query
constexpr size_t kQueries = 200;        // for one place
constexpr size_t kPairs = 12;           // of more cells than these no two are tried together
constexpr size_t kMost = 4;             // changes
constexpr unsigned kRounds = 16;        // of taking keys away that became useless
constexpr uint64_t kCleared = 1 << 16;  // bytes
constexpr size_t kSpared = 24;          // instances of other rules that are to hold

}  // namespace

class WitnessSearch::Search {
 public:
  Search(const walk::World& world, const pack::Rule& rule, const Place& place)
      : world_(world),
        rule_(rule),
        around_(world, context_, Neighbourhood::Purpose::damage),
        rules_(context_.bool_val(false)) {
    const auto fine = InstanceClaim(world_, around_, rule.claim, place.record, place.other).says();
    if (!fine) return;
    goal_.push_back(!*fine);
    const auto hold = row_claims_that_hold(world_, around_, [&](const pack::Rule& other) {
      const auto index = [&](const pack::Rule& one) {
        return static_cast<uint32_t>(&one - world_.model->rules.data());
      };
      // After a gate of any kind the records may not be read at all.
      return &other != &rule_ && rule_.gate == pack::Gate::none &&
             !leans_on(*world_.model, index(other), index(rule_));
    });
    goal_.insert(goal_.end(), hold.begin(), hold.end());
    build();
    const size_t cells = around_.cells().size();
    for (size_t i = 0; i < cells; ++i) plan({i});
    for (size_t i = 0; i < cells && cells <= kPairs; ++i) {
      for (size_t j = i + 1; j < cells; ++j) plan({i, j});
    }
  }

  std::optional<Witness> next() {
    if (auto witness = without_surplus()) return witness;
    rounds_ = 0;
    if (!added_.empty()) {
      const Witness witness = added_.back();
      added_.pop_back();
      return given(witness);
    }
    while (!queue_.empty() && queries_ < kQueries) {
      Attempt attempt = queue_.front();
      queue_.pop_front();
      last_ = attempt.cells;
      auto found = solve(attempt);
      if (!found) continue;
      if (++attempt.wish < kWishes) queue_.push_front(attempt);
      return given(*found);
    }
    return std::nullopt;
  }

  void spare(const pack::Rule& rule, const Place& place) {
    const uint32_t phys = world_.sets[place.record.set].type->find("phys");
    if (world_.sets[place.record.set].keys() && phys != pack::kNone) {
      const Value at = around_.reader().column(place.record.set, phys, place.record.row);
      if (at.known) surplus_.emplace_back(place.record, static_cast<uint64_t>(at.value));
      return;
    }
    if (spared_ >= kSpared) return;
    const size_t before = around_.cells().size();
    const auto fine = InstanceClaim(world_, around_, rule.claim, place.record, place.other).says();
    if (!fine) return;
    ++spared_;
    goal_.push_back(*fine);
    build();
    if (last_.size() >= kMost) return;
    // What the other rule reads comes first: a change of it may make up for the change that broke it.
    const std::vector<size_t> last = last_;
    const auto& cells = around_.cells();
    for (size_t i = cells.size(); i-- > 0;) {
      const bool read = i >= before || cells[i].set == place.record.set ||
                        (place.other && cells[i].set == place.other->set);
      if (!read || std::find(last.begin(), last.end(), i) != last.end()) continue;
      std::vector<size_t> more = last;
      more.push_back(i);
      if (planned_.insert(more).second) queue_.push_front({more, 0});
    }
  }

  void clear(const image::Range& bytes) {
    if (bytes.length <= kCleared) rest_.push_back(bytes);
  }

  uint64_t queries() const { return queries_; }

 private:
  // Values near the old one come first: they are what bugs write, and spare what is far off.
  static constexpr unsigned kWishes = 6;
  struct Attempt {
    std::vector<size_t> cells;
    unsigned wish = 0;
  };

  Witness given(const Witness& witness) {
    surplus_.clear();
    rest_.clear();
    shown_ = witness;
    return witness;
  }

  // Keys for which a rule failed with the last witness: they are no longer referenced, so they go, too, and
  // so do bytes that no count covers any more.
  std::optional<Witness> without_surplus() {
    if ((surplus_.empty() && rest_.empty()) || ++rounds_ > kRounds) {
      surplus_.clear();
      rest_.clear();
      return std::nullopt;
    }
    Encoder encoder(world_, shown_.patch);
    Witness witness = shown_;
    for (const auto& [record, phys] : surplus_) {
      if (encoder.uncover(phys))
        witness.changes.push_back({record, "preserved memory map", phys, "preserved", "not preserved"});
    }
    for (const image::Range& bytes : rest_) {
      for (uint64_t at = bytes.start; at < bytes.end(); ++at) encoder.byte(at, std::byte{0});
      witness.changes.push_back({shown_.changes.front().record, "bytes after it", bytes.start, "", "0"});
    }
    witness.patch = encoder.patch();
    surplus_.clear();
    rest_.clear();
    if (witness.patch == shown_.patch) return std::nullopt;
    return given(witness);
  }

  void plan(std::vector<size_t> cells) {
    if (planned_.insert(cells).second) queue_.push_back({std::move(cells), 0});
  }

  void build() {
    z3::expr_vector all(context_);
    for (const z3::expr& one : goal_) all.push_back(one);
    for (unsigned i = 0; i < around_.limits().size(); ++i)
      all.push_back(around_.limits()[static_cast<int>(i)]);
    rules_ = z3::mk_and(all);
  }

  z3::expr wished(const Cell& cell, unsigned wish) {
    const z3::expr any = context_.bool_val(true);
    if (cell.kind != Cell::Kind::field || cell.is_text || cell.value.is_bool()) return any;
    const unsigned width = cell.value.get_sort().bv_size();
    const auto is = [&](Integer value) { return cell.value == constant(context_, value, width); };
    switch (wish) {
      case 0:
        return is(cell.was.value + 1);
      case 1:
        return is(cell.was.value - 1);
      case 2:
        return is(0);
      case 3:
        return is(cell.range.high);
      default:
        return any;
    }
  }

  std::optional<Witness> solve(Attempt& attempt) {
    const auto& cells = around_.cells();
    const auto changes = [&](size_t i) {
      return std::find(attempt.cells.begin(), attempt.cells.end(), i) != attempt.cells.end();
    };
    z3::expr_vector from(context_), to(context_);
    for (size_t i = 0; i < cells.size(); ++i) {
      from.push_back(cells[i].kept);
      to.push_back(context_.bool_val(!changes(i)));
      if (changes(i) || cells[i].kind != Cell::Kind::field) continue;
      from.push_back(cells[i].value);
      to.push_back(around_.value_of(cells[i]));
    }
    z3::expr left = rules_;
    left = left.substitute(from, to).simplify();
    if (left.is_false()) return std::nullopt;
    const Cell& first = cells[attempt.cells.front()];
    const bool one_way = first.kind != Cell::Kind::field || first.value.is_bool();
    for (; attempt.wish < kWishes; ++attempt.wish) {
      if (one_way && attempt.cells.size() == 1 && attempt.wish > 0) return std::nullopt;
      z3::solver solver(context_, "QF_BV");
      z3::params params(context_);
      params.set("rlimit", kSteps);
      params.set("random_seed", 0U);
      solver.set(params);
      solver.add(left);
      solver.add(wished(first, attempt.wish));
      for (const z3::expr& one : tried_[attempt.cells]) solver.add(one);
      ++queries_;
      if (solver.check() != z3::sat) continue;
      const z3::model model = solver.get_model();
      std::vector<z3::expr> values;
      z3::expr_vector same(context_);
      for (const size_t i : attempt.cells) {
        values.push_back(cells[i].kind == Cell::Kind::field ? model.eval(cells[i].value, true)
                                                            : context_.bool_val(true));
        if (cells[i].kind == Cell::Kind::field) same.push_back(cells[i].value == values.back());
      }
      if (!same.empty())
        tried_[attempt.cells].push_back(!z3::mk_and(same));
      else
        attempt.wish = kWishes;
      // A key that moved may as well stay.
      const bool has_key = std::any_of(attempt.cells.begin(), attempt.cells.end(), [&](size_t i) {
        return cells[i].kind == Cell::Kind::field && world_.sets[cells[i].set].keys();
      });
      if (auto added = has_key ? encode(attempt.cells, values, true) : std::nullopt)
        added_.push_back(std::move(*added));
      if (auto witness = encode(attempt.cells, values, false)) return witness;
    }
    return std::nullopt;
  }

  static Integer number_of(const z3::expr& value) {
    const unsigned width = value.get_sort().bv_size();
    Integer number = 0;
    for (unsigned from = 0; from < width; from += 32) {
      const unsigned to = std::min(from + 31, width - 1);
      number += Integer{value.extract(to, from).simplify().get_numeral_uint()} << from;
    }
    return (number >> (width - 1) & 1) != 0 ? number - (Integer{1} << width) : number;
  }

  std::optional<Witness> encode(const std::vector<size_t>& chosen, const std::vector<z3::expr>& values,
                                bool keeps_keys) {
    Encoder encoder(world_);
    Witness witness;
    for (size_t i = 0; i < chosen.size(); ++i) {
      const Cell& cell = around_.cells()[chosen[i]];
      Change change;
      change.record = {cell.set, cell.row};
      change.what = cell.name;
      change.address = cell.address;
      bool written = false;
      if (cell.kind == Cell::Kind::key) {
        written = encoder.uncover(*cell.address);
        change.was = "preserved";
        change.becomes = "not preserved";
      } else if (cell.kind == Cell::Kind::bytes) {
        written = encoder.byte(*cell.address, std::byte{0x5a});
        change.was = "0";
        change.becomes = "0x5a";
      } else if (cell.value.is_bool()) {
        const bool value = values[i].is_true();
        written = encoder.number(cell.set, cell.column, cell.row, value ? 1 : 0);
        change.was = cell.was.value != 0 ? "true" : "false";
        change.becomes = value ? "true" : "false";
      } else if (cell.is_text) {
        const Integer value = number_of(values[i]);
        change.was = around_.reader().text(cell.was.value);
        change.becomes = around_.reader().text(value);
        // A number that is no string of the image: any new one.
        if (change.becomes.empty() && value != cell.was.value) change.becomes = other_name(change.was);
        written = encoder.text(cell.set, cell.column, cell.row, change.becomes);
      } else {
        const Integer value = number_of(values[i]);
        const bool is_key = world_.sets[cell.set].keys() != nullptr;
        written = is_key ? encoder.add_key(cell.set, cell.row, static_cast<uint64_t>(value)) &&
                               (keeps_keys || encoder.remove_key(cell.set, cell.row))
                         : encoder.number(cell.set, cell.column, cell.row, value);
        change.was = in_words(cell.was.value);
        change.becomes = in_words(value) + (is_key && keeps_keys ? ", too" : "");
      }
      if (!written) return std::nullopt;
      witness.changes.push_back(std::move(change));
    }
    witness.patch = encoder.patch();
    return witness;
  }

  static std::string other_name(const std::string& was) {
    std::string name = was;
    if (name.empty()) return "x";
    name.back() = name.back() == 'x' ? 'y' : 'x';
    return name;
  }

  static std::string in_words(Integer value) {
    if (value < 0) return std::to_string(static_cast<int64_t>(value));
    const auto number = static_cast<uint64_t>(value);
    return number > 4096 ? fmt::format("{:#x}", number) : std::to_string(number);
  }

  const walk::World& world_;
  const pack::Rule& rule_;
  z3::context context_;
  Neighbourhood around_;
  std::vector<z3::expr> goal_;
  z3::expr rules_;
  std::deque<Attempt> queue_;
  std::set<std::vector<size_t>> planned_;
  std::map<std::vector<size_t>, std::vector<z3::expr>> tried_;
  std::vector<size_t> last_;
  Witness shown_;                                                  // the last one
  std::vector<std::pair<evaluate::RecordRef, uint64_t>> surplus_;  // keys that it left without an owner
  std::vector<image::Range> rest_;                                 // bytes that are to be zero
  unsigned rounds_ = 0;
  size_t spared_ = 0;
  uint64_t queries_ = 0;
  std::vector<Witness> added_;  // the last one, with its keys where they were
};

WitnessSearch::WitnessSearch(const walk::World& world, const pack::Rule& rule, const Place& place)
    : search_(std::make_unique<Search>(world, rule, place)) {}
WitnessSearch::~WitnessSearch() = default;

// What the solver does not answer is no witness.
std::optional<Witness> WitnessSearch::next() {
  try {
    return search_->next();
  } catch (const z3::exception&) {
    return std::nullopt;
  }
}

void WitnessSearch::spare(const pack::Rule& rule, const Place& place) {
  try {
    search_->spare(rule, place);
  } catch (const z3::exception&) {
  }
}

void WitnessSearch::clear(const image::Range& bytes) { search_->clear(bytes); }

uint64_t WitnessSearch::queries() const { return search_->queries(); }

}  // namespace khover::prove
