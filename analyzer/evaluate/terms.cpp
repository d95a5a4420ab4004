#include "evaluate/terms.h"

namespace khover::evaluate {

Terms::Terms(Judge& judge) : judge_(judge), columns_(judge.world), states_(judge.claim.terms.size()) {
  for (size_t i = 0; i < states_.size(); ++i) read(judge.claim.terms[i], states_[i]);
}

void Terms::read(const pack::Term& term, State& state) {
  const walk::World& world = judge_.world;
  const walk::RecordSet& set = world.sets[term.set.set];
  state.open = world.opening(term.set.set) != nullptr;
  if (term.group_hops != kNone) state.by_row.resize(world.sets[judge_.claim.set.set].rows);
  std::vector<uint32_t> rows;
  walk::Lane where, value;
  TupleBatch keys;
  for (uint64_t from = 0; from < set.rows; from += walk::kBatch) {
    rows.clear();
    for (uint64_t row = from; row < std::min<uint64_t>(set.rows, from + walk::kBatch); ++row)
      rows.push_back(static_cast<uint32_t>(row));
    if (term.set.where) columns_.evaluate(*term.set.where, term.set.set, rows, where);
    if (term.value) columns_.evaluate(*term.value, term.set.set, rows, value);
    read_tuples(columns_, term.key, term.set.set, rows, keys);
    for (size_t i = 0; i < rows.size(); ++i) {
      const bool counted = !term.set.where || where.values[i] != 0;
      const bool known = (!term.set.where || where.known[i] != 0) && (!term.value || value.known[i] != 0);
      if (known && !counted) continue;
      if (!known || keys.known[i] == 0) {
        std::vector<Judge::Read> reads;
        const RecordRef record{term.set.set, rows[i]};
        for (const pack::ExprPtr& part : term.key) reads.push_back({part.get(), record});
        if (term.set.where) reads.push_back({term.set.where.get(), record});
        if (term.value) reads.push_back({term.value.get(), record});
        judge_.leans_on(reads);
      }
      if (keys.known[i] == 0) {
        state.open = true;  // it may belong anywhere
        continue;
      }
      if (term.is_membership) {
        if (known)
          state.members.insert(keys.tuples[i]);
        else
          state.open = true;
        continue;
      }
      Sum& sum = term.group_hops != kNone
                     ? state.by_row[world.ancestor(term.set.set, rows[i], term.group_hops)]
                     : state.by_key[keys.tuples[i]];
      if (!known)
        sum.known = false;
      else
        sum.value += term.value ? value.values[i] : 1;
    }
  }
}

void Terms::values(uint32_t index, std::span<const uint32_t> rows, walk::Lane& out) const {
  const pack::Term& term = judge_.claim.terms[index];
  const State& state = states_[index];
  if (term.group_hops != kNone) {
    for (size_t i = 0; i < rows.size(); ++i) {
      const Sum& sum = state.by_row[rows[i]];
      out.values[i] = sum.value;
      out.known[i] =
          sum.known && judge_.world.opening_below(term.set.set, term.group_hops, rows[i]) == nullptr;
    }
    return;
  }
  TupleBatch keys;
  read_tuples(columns_, term.outer, judge_.claim.set.set, rows, keys);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (term.is_membership) {
      const bool found = keys.known[i] != 0 && state.members.count(keys.tuples[i]) != 0;
      out.values[i] = found;
      out.known[i] = found || (keys.known[i] != 0 && !state.open);
      continue;
    }
    const auto sum = state.by_key.find(keys.tuples[i]);
    out.values[i] = sum == state.by_key.end() ? 0 : sum->second.value;
    out.known[i] = keys.known[i] != 0 && !state.open && (sum == state.by_key.end() || sum->second.known);
  }
}

}  // namespace khover::evaluate
