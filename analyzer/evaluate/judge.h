// What the deciders of all claim forms share: which records count, how results are
// collected, and how a record's values are put into words.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "evaluate/outcome.h"
#include "walk/vm/columns.h"
#include "walk/world.h"

namespace khover::evaluate {

// Records of one set that a rule must pass over, since a rule it needs fails for them, or
// for a record that is below the same ancestor: the closest one that both sets have.
class Exemptions {
 public:
  Exemptions() = default;
  // `subjects`: the sets that the claim is about. What fails in one of them exempts no other.
  Exemptions(const walk::World& world, uint32_t set, const std::vector<uint32_t>& subjects,
             const std::vector<const Outcome*>& needed);
  void add_rows(std::vector<uint32_t> rows) { lists_.push_back({0, std::move(rows)}); }
  bool covers(uint32_t row) const;
  bool none() const { return !everything_ && lists_.empty(); }

 private:
  struct Rows {
    uint32_t hops = 0;           // from the set up to the common ancestor
    std::vector<uint32_t> rows;  // of that ancestor, ascending
  };
  const walk::World* world_ = nullptr;
  uint32_t set_ = kNone;
  bool everything_ = false;
  std::vector<Rows> lists_;
};

// A claim that is to be decided, and what is passed over.
struct Question {
  const pack::Claim& claim;
  uint32_t rule = kNone;               // whose claim it is; kNone: no rule's
  std::vector<const Outcome*> needed;  // of rules: records for which one of them fails are passed over
  std::set<uint32_t> ignored_gates;    // rules: records that only they condemn are not passed over
};

class Judge {
 public:
  Judge(const walk::World& world, const Question& question, Outcome& outcome);

  const walk::World& world;
  const pack::Claim& claim;
  walk::Columns columns;
  Outcome& outcome;

  // Batches of rows of `ref` that count: not condemned, not exempt, `where` holds. Rows for
  // which `where` is unknown are reported as undecided. visit(rows).
  template <typename Visit>
  void each_batch(const pack::SetRef& ref, Visit visit);
  // The same for records that the claim is not about, but compares with: left out are only
  // those for which a needed rule itself fails.
  template <typename Visit>
  void each_reference(const pack::SetRef& ref, Visit visit);

  void holds(uint64_t records = 1) { outcome.records += records; }
  void violate(RecordRef record, Instance instance);
  // Records that are passed over. `why` may be empty: close() then names the rule that is needed.
  void pass_over(Reason reason, const std::string& why, uint64_t records = 1);
  // Nobody knows, since an expression that was read of some record has no value. `expected`: in words.
  struct Read {
    const pack::Expr* expr = nullptr;
    RecordRef of;
  };
  void undecided(RecordRef record, const std::vector<Read>& reads, const std::string& expected);
  void undecided(RecordRef record, const pack::Expr& expr, const std::string& expected) {
    undecided(record, {{&expr, record}}, expected);
  }
  // Other reasons not to know: records that may be missing in `set`; values of records that the claim
  // is not about. They count only if something is undecided.
  void leans_on(uint32_t set) { leans_on_.insert(set); }
  void leans_on(const std::vector<Read>& reads);
  void offend(RecordRef record);
  // Once all records are judged: a set that may have more of them is not proved.
  void close(const std::vector<uint32_t>& sets);

  // "count = 0, capacity = 51": the values of the columns that an expression reads.
  std::string values(const pack::Expr& expr, uint32_t set, uint32_t row);
  std::string value_text(const pack::Expr& expr, uint32_t set, uint32_t row);
  Instance describe(const pack::Expr& expr, uint32_t set, uint32_t row);

 private:
  template <typename Visit>
  void batches(const pack::SetRef& ref, const Exemptions& exempt, Visit visit);
  bool passes(uint32_t set, uint32_t row, const Exemptions& exempt);
  const Question& question_;
  std::vector<uint32_t> subjects_;
  std::set<uint32_t> leans_on_;
  std::set<uint64_t> holes_;  // of what was read of other records; some of each
  std::vector<uint64_t> trace(const std::vector<Read>& reads);
  // What the dump lacks, of the sets that the claim is about and those that it leans on.
  struct Gaps {
    const walk::Opening* hole = nullptr;
    const walk::Opening* broken = nullptr;
    std::set<uint64_t> addresses;
  };
  Gaps gaps(const std::vector<uint32_t>& sets) const;
  void conclude(const Gaps& gaps);
  std::string needed_rule() const;
};

std::string number_text(pack::Integer value);

template <typename Visit>
void Judge::each_batch(const pack::SetRef& ref, Visit visit) {
  batches(ref, Exemptions(world, ref.set, subjects_, question_.needed), visit);
}

template <typename Visit>
void Judge::each_reference(const pack::SetRef& ref, Visit visit) {
  Exemptions own;
  for (const Outcome* needed : question_.needed) {
    if (const auto rows = needed->offenders.find(ref.set); rows != needed->offenders.end())
      own.add_rows(rows->second);
  }
  batches(ref, own, visit);
}

template <typename Visit>
void Judge::batches(const pack::SetRef& ref, const Exemptions& exempt, Visit visit) {
  const walk::RecordSet& set = world.sets[ref.set];
  const bool all_pass = set.condemned.empty() && exempt.none();
  std::vector<uint32_t> rows;
  std::vector<uint32_t> kept;
  walk::Lane where;
  for (uint64_t from = 0; from < set.rows; from += walk::kBatch) {
    rows.clear();
    const uint64_t to = std::min<uint64_t>(set.rows, from + walk::kBatch);
    for (uint64_t row = from; row < to; ++row) {
      if (all_pass || passes(ref.set, static_cast<uint32_t>(row), exempt))
        rows.push_back(static_cast<uint32_t>(row));
    }
    if (rows.empty()) continue;
    if (ref.where) {
      columns.evaluate(*ref.where, ref.set, rows, where);
      kept.clear();
      for (size_t i = 0; i < rows.size(); ++i) {
        if (where.known[i] == 0)
          undecided({ref.set, rows[i]}, *ref.where, ref.where->source);
        else if (where.values[i] != 0)
          kept.push_back(rows[i]);
      }
      if (!kept.empty()) visit(std::span<const uint32_t>(kept));
    } else {
      visit(std::span<const uint32_t>(rows));
    }
  }
}

}  // namespace khover::evaluate
