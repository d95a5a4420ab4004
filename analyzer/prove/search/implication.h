// Whether a rule follows from those that its pack names as `implied-by`: where it fails, one of them
// fails, too. Shown for one arbitrary record by a formula without quantifiers, over that record, those
// above it, and the records of other sets whose existence the rules claim.
#pragma once

#include <string>
#include <vector>

#include "pack/model.h"
#include "prove/solver/answer.h"

namespace khover::prove {

struct Implication {
  uint32_t rule = pack::kNone;
  Answer answer = Answer::unknown;
  std::string reason;
};
struct Implications {
  std::vector<Implication> rules;
  Tally tally;
};
// `smt2`: folder for the queries; empty: none.
Implications implications(const pack::Model& model, const std::string& smt2);

}  // namespace khover::prove
