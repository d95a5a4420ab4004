// Questions about the rules themselves, that no image answers. For row claims, over one arbitrary
// record: can the claim hold, can it fail, can all claims on the set hold together, and can this
// one fail alone. Values of parents, of other sets and of memory are free within their types, so
// "cannot" is certain, and "can" is as far as one record shows.
#pragma once

#include <string>
#include <vector>

#include "pack/model.h"
#include "prove/solver/answer.h"

namespace khover::prove {

// Whether `rule` is not judged of a record on which `failed` fails. Both are indices of the model.
bool leans_on(const pack::Model& model, uint32_t rule, uint32_t failed);

struct RuleConsistency {
  uint32_t rule = pack::kNone;
  Answer holds = Answer::unknown;  // proved: some record satisfies it where it counts
  Answer fails = Answer::unknown;  // proved: some record violates it
  // proved: … while, in one of its phases, all other row claims on the set hold but those that need it
  Answer alone = Answer::unknown;
};
struct SetConsistency {
  uint32_t set = pack::kNone;
  Answer together = Answer::unknown;  // proved: in each phase, one record satisfies all row claims
  size_t rules = 0;
};
struct Consistency {
  std::vector<RuleConsistency> rules;
  std::vector<SetConsistency> sets;
  Tally tally;
};
Consistency consistency(const pack::Model& model, const std::string& smt2);

}  // namespace khover::prove
