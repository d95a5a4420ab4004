// Records of which a part is absent: what holds whatever is there is proved, and nothing else is.
#include <gtest/gtest.h>

#include "evaluate/hypothesis.h"
#include "prove/certify/prove.h"
#include "tiny_world.h"

namespace khover::prove {
namespace {

using evaluate::Verdict;

// A link of which only `next` is there, and it is 0.
Verdict verdict(const std::string& claim, bool with_solver) {
  TinyImage image(tiny_pack("rules:\n" + tiny_rule("tiny-rule", claim)));
  image.root(32, kChain);
  image.memory.map(kChain, 12);
  const walk::World& world = image.walk();
  evaluate::Judgement judgement = evaluate::judge(world);
  if (with_solver) {
    EXPECT_TRUE(prove(world, {0}, {}, judgement));
  }
  const evaluate::Outcome& outcome = judgement.outcomes.front();
  EXPECT_EQ(outcome.verdict == Verdict::undetermined, !outcome.unknown.empty());
  return outcome.verdict;
}

TEST(PartialRecords, WhatHoldsForAllAbsentBytesIsProved) {
  const std::string claim = "for links: value < 10 or value > next + 7";
  EXPECT_EQ(verdict(claim, false), Verdict::undetermined);
  EXPECT_EQ(verdict(claim, true), Verdict::holds);
}

TEST(PartialRecords, WhatSomeAbsentBytesWouldViolateStaysOpen) {
  EXPECT_EQ(verdict("for links: value < 10 or value > next + 10", true), Verdict::undetermined);
}

TEST(PartialRecords, TheRangeOfATypeCounts) {
  EXPECT_EQ(verdict("for links: value + 4 > next + 3", true), Verdict::holds);
}

}  // namespace
}  // namespace khover::prove
