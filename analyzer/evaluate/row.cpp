#include "evaluate/forms.h"
#include "evaluate/terms.h"

namespace khover::evaluate {
namespace {

// An unknown that a broken structure below explains is not judged: that structure has a finding of its own.
bool broken_below(Judge& judge, uint32_t row) {
  for (const pack::Term& term : judge.claim.terms) {
    const walk::Opening* opening = term.group_hops != kNone
                                       ? judge.world.opening_below(term.set.set, term.group_hops, row)
                                       : judge.world.opening(term.set.set);
    if (opening && opening->cause == walk::Opening::Cause::broken) {
      judge.pass_over(Reason::broken, opening->why);
      return true;
    }
  }
  return false;
}

// What the predicate reads of the record, keys of its terms included.
std::vector<Judge::Read> reads(const Judge& judge, RecordRef record) {
  std::vector<Judge::Read> all = {{judge.claim.predicate.get(), record}};
  for (const pack::Term& term : judge.claim.terms) {
    for (const pack::ExprPtr& part : term.outer) all.push_back({part.get(), record});
  }
  return all;
}

}  // namespace

void decide_row(Judge& judge) {
  const Terms terms(judge);
  judge.columns.use_terms(&terms);
  for (const pack::Term& term : judge.claim.terms) judge.leans_on(term.set.set);
  const uint32_t set = judge.claim.set.set;
  walk::Lane lane;
  judge.each_batch(judge.claim.set, [&](std::span<const uint32_t> rows) {
    judge.columns.evaluate(*judge.claim.predicate, set, rows, lane);
    for (size_t i = 0; i < rows.size(); ++i) {
      const RecordRef record{set, rows[i]};
      if (lane.known[i] == 0) {
        if (!broken_below(judge, rows[i]))
          judge.undecided(record, reads(judge, record), judge.claim.predicate->source);
      } else if (lane.values[i] != 0) {
        judge.holds();
      } else {
        const pack::Expr* failed = judge.claim.predicate.get();
        for (const pack::ExprPtr& conjunct : judge.claim.conjuncts) {
          const auto value = judge.columns.evaluate(*conjunct, set, rows[i]);
          if (value.known && value.value == 0) {
            failed = conjunct.get();
            break;
          }
        }
        judge.violate(record, judge.describe(*failed, set, rows[i]));
      }
    }
  });
  judge.close({set});
  judge.columns.use_terms(nullptr);
}

}  // namespace khover::evaluate
