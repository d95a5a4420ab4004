// The lemmas hold; and each of them fails when the local check that it rests on is weakened.
#include <gtest/gtest.h>

#include <algorithm>

#include "prove/certify/lemmas.h"

namespace khover::prove {
namespace {

TEST(Lemmas, AllHold) {
  const auto results = prove_lemmas();
  EXPECT_GE(results.size(), 25u);
  for (const LemmaResult& result : results) {
    EXPECT_EQ(result.reply.answer, Answer::proved)
        << result.lemma.form << "." << result.lemma.name << ": " << result.reply.reason;
  }
}

TEST(Lemmas, AWeakenedCheckMakesItsLemmaFail) {
  for (const std::string& check : checks_that_can_be_weakened()) {
    const auto results = prove_lemmas(check);
    const bool fails = std::any_of(results.begin(), results.end(), [](const LemmaResult& result) {
      return result.reply.answer == Answer::refuted;
    });
    EXPECT_TRUE(fails) << check;
  }
}

TEST(Lemmas, EveryFormHasOne) {
  const auto all = lemmas();
  for (const char* form : {"three-valued", "unique", "determines", "lookup", "aggregate", "tiles", "disjoint",
                           "apart", "within", "preserved", "acyclic"}) {
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Lemma& lemma) { return lemma.form == form; }))
        << form;
  }
}

}  // namespace
}  // namespace khover::prove
