// A mild rule hides no severe one: what is said of a rule for a record for which a milder rule fails.
#include <gtest/gtest.h>

#include "evaluate/hypothesis.h"
#include "tiny_world.h"

namespace khover::evaluate {
namespace {

std::string rule_of(const std::string& id, const std::string& severity, const std::string& claim,
                    const std::string& more = "") {
  std::string rule = tiny_rule(id, claim, more + "    masks-because: it is so\n");
  return rule.replace(rule.find("crash"), 5, severity);
}

class Masking : public testing::Test {
 protected:
  // `mild` fails for the first item.
  void rules(const std::string& mild, const std::string& severe, const std::string& claim,
             const std::string& more = "    needs: [mild]\n", const std::string& gate = "") {
    image = std::make_unique<TinyImage>(tiny_pack("rules:\n" +
                                                  rule_of("mild", mild, "for items: start != 0", gate) +
                                                  rule_of("severe", severe, claim, more)));
    image->items({{0, 9, 0, ""}, {5, 1, 0, ""}});
  }
  Outcome severe() {
    judgement = judge(image->walk());
    EXPECT_EQ(judgement.outcomes.at(image->model->find_rule("mild")).verdict, Verdict::violated);
    return judgement.outcomes.at(image->model->find_rule("severe"));
  }
  std::unique_ptr<TinyImage> image;
  Judgement judgement;
};

TEST_F(Masking, WhatHoldsForTheRecordHolds) {
  rules("hygiene", "crash", "for items: length != 0");
  const Outcome outcome = severe();
  EXPECT_EQ(outcome.verdict, Verdict::holds);
  EXPECT_EQ(outcome.records, 2u);
}

TEST_F(Masking, WhatFailsForTheRecordIsUndetermined) {
  rules("hygiene", "crash", "for items: length == 1");
  const Outcome outcome = severe();
  EXPECT_EQ(outcome.verdict, Verdict::undetermined);
  EXPECT_EQ(outcome.why, "it fails for a record for which the milder rule mild fails, which it needs");
  ASSERT_EQ(outcome.unknown.size(), 1u);
  EXPECT_EQ(outcome.unknown[0].record.row, 0u);
  EXPECT_TRUE(outcome.offenders.empty()) << "it is no reason to pass over records";
}

TEST_F(Masking, AnEquallySevereRuleHides) {
  rules("crash", "crash", "for items: length == 1");
  EXPECT_EQ(severe().verdict, Verdict::not_judged);
  rules("crash", "silent", "for items: length == 1");
  EXPECT_EQ(severe().verdict, Verdict::not_judged);
  EXPECT_EQ(severe().reason, Reason::masked);
}

TEST_F(Masking, LooksPastGatesOfRecords) {
  rules("hygiene", "crash", "for items: length == 1", "", "    gate: record\n");
  EXPECT_EQ(severe().verdict, Verdict::undetermined);
  rules("hygiene", "crash", "for items: length != 0", "", "    gate: record\n");
  EXPECT_EQ(severe().verdict, Verdict::holds);
  rules("refuse", "silent", "for items: length != 0", "", "    gate: record\n");
  EXPECT_EQ(severe().verdict, Verdict::not_judged);
}

TEST_F(Masking, LooksPastTheMilderOfSeveral) {
  image = std::make_unique<TinyImage>(
      tiny_pack("rules:\n" + rule_of("mild", "hygiene", "for items: start != 0") +
                rule_of("grave", "crash", "for items: start != 0") +
                rule_of("severe", "crash", "for items: length != 0", "    needs: [mild, grave]\n")));
  image->items({{0, 9, 0, ""}});
  EXPECT_EQ(severe().verdict, Verdict::not_judged);
}

TEST_F(Masking, FormsOverSeveralRecords) {
  rules("hygiene", "crash", "unique (length) in items");
  EXPECT_EQ(severe().verdict, Verdict::holds);
  image->items({{0, 9, 0, ""}, {5, 9, 0, ""}});
  EXPECT_EQ(severe().verdict, Verdict::undetermined);
}

// A gate below which nothing is read: what was not read cannot be decided.
TEST_F(Masking, WhatWasNotReadIsNotJudged) {
  image = std::make_unique<TinyImage>(
      tiny_pack("rules:\n" + rule_of("mild", "hygiene", "for root: low == 0", "    gate: children\n") +
                rule_of("severe", "crash", "for items: start != 0")));
  image->items({{1, 0, 0, ""}});
  image->root(48, 1);
  EXPECT_EQ(severe().verdict, Verdict::not_judged);
  EXPECT_EQ(severe().reason, Reason::broken);
}

}  // namespace
}  // namespace khover::evaluate
