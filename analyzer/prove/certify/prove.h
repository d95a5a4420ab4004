// Proves what evaluate found on one image, rule by rule, on all cores.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "error/error.h"
#include "evaluate/hypothesis.h"
#include "prove/solver/answer.h"

namespace khover::prove {

struct Options {
  unsigned steps = 40'000'000;     // solver steps for one query
  std::optional<double> deadline;  // seconds; rules that are not proved by then hold without a proof
  std::string smt2;                // folder for the queries; empty: none
  std::string certificate;         // file; empty: none
  double audit = 0;                // share of the facts that the solver decides itself, too: 0 to 1
  unsigned threads = 0;            // 0: one for each core
  // Called by any thread, one at a time, after each rule: how many are done, of how many.
  std::function<void(size_t done, size_t of)> progress;
};

struct RuleProof {
  uint32_t rule = pack::kNone;
  Answer answer = Answer::unknown;
  std::string reason;
  bool late = false;  // unknown, as the deadline passed before all facts were proved
  Tally tally;
};

struct Proof {
  std::vector<RuleProof> rules;
  Tally tally;
  double seconds = 0;  // wall clock
};

// Proves every rule that holds by `judgement`, and sees that none that it calls violated can be
// proved. A row claim that it cannot decide, since bytes of records are absent, is proved if it holds
// whatever these bytes are. A rule that the deadline leaves unproved keeps its verdict; one that the solver
// gives up on becomes undetermined. Where the engines
// disagree the rule becomes undetermined too, and says so as an internal error with both answers.
Result<Proof> prove(const walk::World& world, const std::set<uint32_t>& rules, const Options& options,
                    evaluate::Judgement& judgement);

}  // namespace khover::prove
