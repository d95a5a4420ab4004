// One cause, one finding: what a failing rule keeps from being judged, and what not. Phases.
#include <gtest/gtest.h>

#include "evaluate/hypothesis.h"
#include "tiny_world.h"

namespace khover::evaluate {
namespace {

class NeedsOf : public testing::Test {
 protected:
  void rules(const std::string& rules, const std::string& more = "") {
    image = std::make_unique<TinyImage>(tiny_pack("rules:\n" + rules + more));
  }
  const Outcome& operator[](const std::string& id) {
    if (judgement.outcomes.empty()) judgement = judge(image->walk());
    return judgement.outcomes.at(image->model->find_rule(id));
  }
  std::unique_ptr<TinyImage> image;
  Judgement judgement;
};

TEST_F(NeedsOf, SkipsTheSameRecordOnly) {
  rules(tiny_rule("first", "for items: start != 0") +
        tiny_rule("second", "for items: length < start", "    needs: [first]\n"));
  image->items({{0, 9, 0, ""}, {5, 1, 0, ""}});
  EXPECT_EQ((*this)["first"].verdict, Verdict::violated);
  EXPECT_EQ((*this)["second"].verdict, Verdict::not_judged);
  EXPECT_EQ((*this)["second"].why, "needs first");
  EXPECT_EQ((*this)["second"].exempt, 1u);
  EXPECT_EQ((*this)["second"].records, 1u);
}

TEST_F(NeedsOf, StillSeesOtherRecords) {
  rules(tiny_rule("first", "for items: start != 0") +
        tiny_rule("second", "for items: length < start", "    needs: [first]\n"));
  image->items({{0, 9, 0, ""}, {5, 6, 0, ""}});
  EXPECT_EQ((*this)["second"].verdict, Verdict::violated);
  EXPECT_EQ((*this)["second"].violations, 1u);
}

TEST_F(NeedsOf, ReachesFromARecordToThoseBelow) {
  rules(tiny_rule("head", "for root: low == 0") +
        tiny_rule("below", "for items: start != 0", "    needs: [head]\n"));
  image->items({{0, 0, 0, ""}});
  image->root(48, 1);
  EXPECT_EQ((*this)["below"].verdict, Verdict::not_judged);
}

TEST_F(NeedsOf, ReachesFromARecordToTheOneAbove) {
  rules(tiny_rule("item", "for items: start != 0") +
        tiny_rule("above", "for root: low == 0", "    needs: [item]\n"));
  image->items({{0, 0, 0, ""}});
  image->root(48, 1);
  EXPECT_EQ((*this)["above"].verdict, Verdict::not_judged);
}

TEST_F(NeedsOf, GatesKeepTheWalkFromWhatLiesBelow) {
  rules(tiny_rule("head", "for root: low == 0", "    gate: children\n") +
        tiny_rule("below", "for items: start != 0"));
  image->items({{0, 0, 0, ""}});
  image->root(48, 1);
  EXPECT_EQ((*this)["head"].verdict, Verdict::violated);
  EXPECT_EQ((*this)["below"].verdict, Verdict::not_judged);
  EXPECT_EQ((*this)["below"].why, "rule head fails for what leads there");
  EXPECT_EQ(image->set("tiny.items").rows, 0u);
}

TEST_F(NeedsOf, GatesOfSetsKeepFromThoseOnly) {
  rules(tiny_rule("head", "for root: low == 0", "    gate: [others]\n") +
        tiny_rule("item", "for items: start == 0") + tiny_rule("other", "for others: start == 0"));
  image->items({{0, 0, 0, ""}});
  image->others({{0, 0, 0, ""}});
  image->root(48, 1);
  EXPECT_EQ((*this)["item"].verdict, Verdict::holds);
  EXPECT_EQ((*this)["other"].verdict, Verdict::not_judged);
}

TEST_F(NeedsOf, CondemnedRecordsAreJudgedByNoOtherRule) {
  rules(tiny_rule("sane", "for items: start != 0", "    gate: record\n") +
        tiny_rule("other-rule", "for items: length == 1"));
  image->items({{0, 9, 0, ""}, {1, 1, 0, ""}});
  EXPECT_EQ((*this)["sane"].violations, 1u);
  EXPECT_EQ((*this)["other-rule"].verdict, Verdict::not_judged);
  EXPECT_EQ((*this)["other-rule"].why, "needs sane");
}

TEST_F(NeedsOf, AsksForInputs) {
  rules(tiny_rule("r", "for items: start == 1", "    inputs: [ram]\n"));
  image->items({{2, 0, 0, ""}});
  EXPECT_EQ((*this)["r"].verdict, Verdict::not_judged);
  EXPECT_EQ((*this)["r"].why, "input ram is not given");
}

TEST_F(NeedsOf, PhasesHideRules) {
  rules(tiny_rule("late", "for root: low == 0", "    phases: [finalized, early]\n"),
        "signs:\n  outgoing: \"for root: high == 0\"\n");
  image->root(48, 1);
  image->root(56, 1);  // not outgoing
  EXPECT_EQ((*this)["late"].verdict, Verdict::violated);
  EXPECT_EQ(judgement.phases, (std::vector<pack::Phase>{pack::Phase::finalized, pack::Phase::early}));
  EXPECT_EQ(judgement.phase_origin, "evidence");
}

TEST_F(NeedsOf, PhasesThatDisagreeLeaveItOpen) {
  rules(tiny_rule("late", "for root: low == 0", "    phases: [finalized, early]\n"),
        "signs:\n  outgoing: \"for root: high == 0\"\n");
  image->root(48, 1);
  EXPECT_EQ((*this)["late"].verdict, Verdict::undetermined);
  EXPECT_EQ((*this)["late"].why,
            "violated if the image is finalized or early, not judged if it is outgoing; give --phase");
}

TEST_F(NeedsOf, AStatedPhaseIsTaken) {
  rules(tiny_rule("late", "for root: low == 0", "    phases: [finalized, early]\n"),
        "signs:\n  outgoing: \"for root: high == 0\"\n");
  image->root(48, 1);
  image->root(56, 1);
  image->facts.phase = image::Fact<std::string>{"outgoing", image::Origin::given};
  EXPECT_EQ((*this)["late"].verdict, Verdict::not_judged);
  EXPECT_EQ((*this)["late"].why, "the phase hides it");
  EXPECT_EQ(judgement.phase_origin, "given");
  EXPECT_TRUE(judgement.phase_contradicted);
  EXPECT_EQ(judgement.fitting, (std::vector<pack::Phase>{pack::Phase::finalized, pack::Phase::early}));
}

TEST_F(NeedsOf, DescribesSixteenAndCountsTheRest) {
  rules(tiny_rule("r", "for items: start == 1"));
  image->items(std::vector<Item>(1000));
  EXPECT_EQ((*this)["r"].violations, 1000u);
  EXPECT_EQ((*this)["r"].violated.size(), kDescribed);
}

}  // namespace
}  // namespace khover::evaluate
