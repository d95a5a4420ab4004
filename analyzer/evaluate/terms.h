// The terms of a row claim that other sets decide: counts, sums and memberships.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "evaluate/judge.h"
#include "evaluate/tuples.h"

namespace khover::evaluate {

class Terms : public walk::TermSource {
 public:
  // Reads each term's set once.
  explicit Terms(Judge& judge);
  void values(uint32_t term, std::span<const uint32_t> rows, walk::Lane& out) const override;

 private:
  struct Sum {
    pack::Integer value = 0;
    bool known = true;
  };
  struct State {
    std::unordered_map<Tuple, Sum, TupleHash> by_key;  // aggregates by key; total: the empty key
    std::vector<Sum> by_row;                           // aggregates by ancestor
    std::unordered_set<Tuple, TupleHash> members;
    bool open = false;  // records may be missing
  };
  void read(const pack::Term& term, State& state);

  Judge& judge_;
  mutable walk::Columns columns_;
  std::vector<State> states_;
};

}  // namespace khover::evaluate
