// `implied-by`: what follows from other rules is shown, what does not is refused, whatever it rests on.
#include <gtest/gtest.h>

#include "prove/search/implication.h"
#include "tiny_world.h"

namespace khover::prove {
namespace {

using Rules = std::vector<std::pair<std::string, std::string>>;  // id, claim

// Whether the claim of `goal` follows from the others, as the pack says.
Answer implied(const std::string& goal, const Rules& others, const std::string& more = "") {
  std::string rules = "rules:\n", ids;
  for (const auto& [id, claim] : others) {
    rules += tiny_rule(id, claim);
    ids += (ids.empty() ? "" : ", ") + id;
  }
  const auto model =
      link_tiny(tiny_pack(rules + tiny_rule("goal", goal, "    implied-by: [" + ids + "]\n" + more)));
  EXPECT_TRUE(model) << sentence(model.error());
  const Implications result = implications(*model, "");
  EXPECT_EQ(result.rules.size(), 1u);
  return result.rules.front().answer;
}

// It follows from all of them, and no longer when one is taken away.
void expect_implied(const std::string& goal, const Rules& others) {
  EXPECT_EQ(implied(goal, others), Answer::proved) << goal;
  for (size_t i = 0; others.size() > 1 && i < others.size(); ++i) {
    Rules fewer = others;
    fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(i));
    EXPECT_EQ(implied(goal, fewer), Answer::refuted) << goal << " without " << others[i].first;
  }
}

TEST(Implication, OfClaimsOnOneRecord) {
  expect_implied("for items: start < 20",
                 {{"a", "for items: start < length"}, {"b", "for items: length <= 20"}});
}

TEST(Implication, OfClaimsOnTheRecordAbove) {
  expect_implied("for items: root.count < 5",
                 {{"a", "for root: count < other_count"}, {"b", "for root: other_count <= 5"}});
}

TEST(Implication, OfWhatIsClaimedOfTheRecordThatIsReferredTo) {
  expect_implied("for items: key < 10",
                 {{"a", "for items: (key) in others(key)"}, {"b", "for others: key < 10"}});
}

TEST(Implication, AlongTwoReferences) {
  expect_implied(
      "for items: (key) in links(value) where next == 0",
      {{"a", "for items: (key) in others(key)"}, {"b", "for others: (key) in links(value) where next == 0"}});
}

TEST(Implication, OfACountThatIsNotZero) {
  EXPECT_EQ(implied("for root: count(items where key == 7) == 0", {{"a", "for items: key != 7"}}),
            Answer::proved);
  EXPECT_EQ(implied("for root: count(items where key == 7) == 0", {{"a", "for items: key != 8"}}),
            Answer::refuted);
}

TEST(Implication, OfANullPointer) {
  EXPECT_EQ(implied("for root: count == 0 or items != 0", {{"a", "for root: count == count(items by root)"}}),
            Answer::proved);
  EXPECT_EQ(
      implied("for root: count == 0 or others != 0", {{"a", "for root: count == count(items by root)"}}),
      Answer::refuted);
}

TEST(Implication, OfRangesInsideOthers) {
  expect_implied("for root: sum(length of items) <= sum(length of others)",
                 {{"a", "for items: [start, +length) within [start, +length) in others"},
                  {"b", "disjoint [start, +length) in items"}});
}

TEST(Implication, OfWhatIsKnown) {
  EXPECT_EQ(implied("for items: name != \"nobody\"", {{"a", "for items: known(\"thing\", name)"}}),
            Answer::proved);
  EXPECT_EQ(implied("for items: name != \"other\"", {{"a", "for items: known(\"thing\", name)"}}),
            Answer::refuted);
}

TEST(Implication, NothingFollowsFromAContradiction) {
  EXPECT_NE(implied("for items: start < 20", {{"a", "for items: start < 5"}, {"b", "for items: start > 5"}}),
            Answer::proved);
}

TEST(Implication, NotFromARuleThatIsNotJudgedThen) {
  const Rules others{{"a", "for items: start < 20"}};
  EXPECT_EQ(implied("for items: start < 21", others), Answer::proved);
  EXPECT_EQ(implied("for items: start < 21", others, "    precedes: [a]\n"), Answer::refuted);
  EXPECT_EQ(implied("for items: start < 21", others, "    phases: [early]\n"), Answer::proved);
  const auto model =
      link_tiny(tiny_pack("rules:\n" + tiny_rule("a", "for items: start < 20", "    phases: [early]\n") +
                          tiny_rule("goal", "for items: start < 21", "    implied-by: [a]\n")));
  ASSERT_TRUE(model) << sentence(model.error());
  EXPECT_EQ(implications(*model, "").rules.front().answer, Answer::refuted);
}

}  // namespace
}  // namespace khover::prove
