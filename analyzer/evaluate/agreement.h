// Several layouts may fit an image equally well. What is then said of a rule.
#pragma once

#include <optional>
#include <span>

#include "evaluate/hypothesis.h"

namespace khover::evaluate {

// The verdict on a rule under two layouts that fit equally well. `there` is empty where they lack the rule.
//
//   here \ there   holds         violated      undetermined  not judged    lacks it
//   holds          holds         undetermined  undetermined  not judged    holds
//   violated       undetermined  violated      undetermined  undetermined  undetermined
//   undetermined   undetermined  undetermined  undetermined  undetermined  undetermined
//   not judged     not judged    undetermined  undetermined  not judged    not judged
//
// That is: only what both say is said; where one violation is contradicted nobody knows; and layouts that
// have no such rule do not speak against one that holds.
Verdict agreed(Verdict here, std::optional<Verdict> there);

// A judgement with the layouts that it is about.
struct Judged {
  const pack::Model& model;
  std::span<const std::string> layouts;  // names for people
};

// Takes in what the same image is said to be under other layouts that fit as well.
void agree(Judgement& judgement, const Judged& with, const Judgement& other, const Judged& other_with);

}  // namespace khover::evaluate
