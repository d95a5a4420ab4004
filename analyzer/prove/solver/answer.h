// What a solver said of one query.
#pragma once

#include <cstdint>
#include <string>

namespace khover::prove {

enum class Answer { proved, refuted, unknown };
const char* to_string(Answer answer);

struct Reply {
  Answer answer = Answer::unknown;
  std::string reason;  // refuted: the values that refute it; unknown: why
};

struct Tally {
  uint64_t queries = 0;
  uint64_t facts = 0;     // ground facts in those queries
  uint64_t repeated = 0;  // facts whose values were asked before in the same run
  double seconds = 0;     // in the solver, all threads
  void add(const Tally& other) {
    queries += other.queries;
    facts += other.facts;
    repeated += other.repeated;
    seconds += other.seconds;
  }
};

}  // namespace khover::prove
