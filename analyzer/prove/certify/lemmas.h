// Why local checks are enough: for each claim form, that the checks of its certificate (certify.h)
// imply the claim for any number of arbitrary records. An induction over the records is shown as
// its base, its step and its end; each is a formula without quantifiers about the records that it
// names: an arbitrary earlier one, the current one and the next.
#pragma once

#include <string>
#include <vector>

#include "prove/formula/formula.h"
#include "prove/solver/answer.h"

namespace khover::prove {

struct Lemma {
  std::string form;  // of claims, or "three-valued"
  std::string name;
  std::string says;    // in words
  FormulaPtr formula;  // holds for all values of its variables
  std::vector<FormulaPtr> variables;
};

// `weaken`: a local check, by its name in certificates, that is replaced by a weaker one. Its lemma
// must then fail; a test sees to it.
std::vector<Lemma> lemmas(const std::string& weaken = "");
std::vector<std::string> checks_that_can_be_weakened();

struct LemmaResult {
  Lemma lemma;
  Reply reply;
  double seconds = 0;
};
// `smt2`: folder for the queries; empty: none.
std::vector<LemmaResult> prove_lemmas(const std::string& weaken = "", const std::string& smt2 = "");

}  // namespace khover::prove
