// Programs of local checks say what their formulas say, and a program that does not is not proved.
#include <gtest/gtest.h>

#include <random>

#include "prove/certify/checker.h"

namespace khover::prove {
namespace {

constexpr uint64_t kPage = 4096;
constexpr Interval kByte{0, 255};
constexpr Interval kWide{0, (Integer{1} << 64) - 1};

pack::Model model() {
  pack::Model made;
  made.page_size = kPage;
  return made;
}

// v0 + v1 = v2, and v3 is at most pages(v2): the shapes that certificates use.
Check sums(const pack::Model& of, Interval range) {
  Check check(of, "sums");
  const FormulaPtr a = check.state("a", range), b = check.state("b", range);
  const FormulaPtr total = check.state("total", {0, range.high * 2});
  const FormulaPtr pages = call(Formula::Kind::pages, {total}, {0, range.high * 2}, kPage);
  check.require(equal(sum(a, b), total));
  check.require(either(at_most(check.state("least", range), pages), before({a, b}, {b, a})));
  return check;
}

TEST(Checker, IsProved) {
  const pack::Model of = model();
  Translation translation(kPage);
  for (const Interval range : {kByte, kWide})
    EXPECT_EQ(Checker(sums(of, range)).prove(translation).answer, Answer::proved);
}

TEST(Checker, SaysWhatTheFormulaSays) {
  const pack::Model of = model();
  const Check check = sums(of, kByte);
  Checker checker(check);
  std::mt19937 random(1);
  constexpr size_t kFacts = 4000;
  std::vector<walk::Lane> lanes(check.variables.size());
  for (walk::Lane& lane : lanes) lane.resize(kFacts);
  for (size_t i = 0; i < kFacts; ++i) {
    for (size_t v = 0; v < lanes.size(); ++v) {
      lanes[v].values[i] = static_cast<Integer>(random() % 4);  // small: sums meet
      lanes[v].known[i] = random() % 8 != 0;
      if (lanes[v].known[i] == 0) lanes[v].values[i] = 0;
    }
  }
  std::vector<Checker::Found> found;
  checker.run(lanes, kFacts, found);
  size_t seen[3] = {};
  for (size_t i = 0; i < kFacts; ++i) {
    std::vector<Value> values;
    for (const walk::Lane& lane : lanes) values.push_back({lane.values[i], lane.known[i] != 0});
    const Value meant = compute(*check.body(), values);
    const Checker::Found expected = !meant.known       ? Checker::Found::unknown
                                    : meant.value != 0 ? Checker::Found::holds
                                                       : Checker::Found::fails;
    ASSERT_EQ(found[i], expected) << "fact " << i;
    ++seen[static_cast<size_t>(expected)];
  }
  for (const size_t count : seen) EXPECT_GT(count, 100U);
}

// The file as it would be after sums() was proved.
std::string proved_sums(const pack::Model& of) {
  Translation translation(kPage);
  EXPECT_EQ(Checker(sums(of, kByte)).prove(translation).answer, Answer::proved);
  return write_proved(translation.proved());
}

TEST(Checker, WhatWasProvedBeforeIsNotAskedAgain) {
  const pack::Model of = model();
  const std::string text = proved_sums(of);
  const ProvedObligations shipped(text, proved_by());
  Translation translation(kPage, "", &shipped);
  EXPECT_EQ(Checker(sums(of, kByte)).prove(translation).answer, Answer::proved);
  EXPECT_EQ(translation.tally().queries, 0U);
}

TEST(Checker, AnotherSolverOrOtherQuestionsProvedNothing) {
  const pack::Model of = model();
  const std::string text = proved_sums(of);
  EXPECT_GT(ProvedObligations(text, proved_by()).size(), 5U);
  EXPECT_EQ(ProvedObligations(text, proved_by() + "0").size(), 0U);
  EXPECT_EQ(ProvedObligations(text.substr(1), proved_by()).size(), 0U);
  EXPECT_EQ(ProvedObligations("", proved_by()).size(), 0U);
}

TEST(Checker, ACorruptedLineIsAskedAgain) {
  const pack::Model of = model();
  const std::string text = proved_sums(of);
  size_t lines = 0;
  for (size_t at = text.find('\n') + 1; at < text.size(); at = text.find('\n', at) + 1, ++lines) {
    std::string corrupted = text;
    corrupted[at + (text.find('\n', at) - at) / 2] ^= 1;
    const ProvedObligations shipped(corrupted, proved_by());
    Translation translation(kPage, "", &shipped);
    EXPECT_EQ(Checker(sums(of, kByte)).prove(translation).answer, Answer::proved);
    EXPECT_EQ(translation.tally().queries, 1U) << "line " << lines;
  }
  EXPECT_GT(lines, 5U);
}

// With what was proved of the right program at hand: it is no proof of the wrong one.
TEST(Checker, AWrongInstructionIsNotProved) {
  const pack::Model of = model();
  const Check check = sums(of, kByte);
  const std::string text = proved_sums(of);
  const ProvedObligations shipped(text, proved_by());
  Translation translation(kPage, "", &shipped);
  size_t changed = 0;
  for (size_t i = 0; i < Checker(check).program().code.size(); ++i) {
    Checker checker(check);
    walk::Instruction& one = checker.program().code[i];
    switch (one.code) {
      case walk::Code::add:
        one.code = walk::Code::subtract;
        break;
      case walk::Code::less_equal:
        one.code = walk::Code::less;
        break;
      case walk::Code::less:
        one.code = walk::Code::less_equal;
        break;
      case walk::Code::equal:
        one.code = walk::Code::not_equal;
        break;
      case walk::Code::both:
        one.code = walk::Code::either;
        break;
      case walk::Code::either:
        one.code = walk::Code::both;
        break;
      case walk::Code::pages:
        one.value = kPage * 2;
        break;
      case walk::Code::constant:
        one.value = 1 - one.value;
        break;
      default:
        continue;
    }
    ++changed;
    EXPECT_EQ(checker.prove(translation).answer, Answer::refuted) << "instruction " << i;
  }
  EXPECT_GT(changed, 8U);
}

TEST(Checker, AnotherPageSizeIsRefused) {
  const pack::Model of = model();
  Translation other(kPage * 4);
  EXPECT_EQ(Checker(sums(of, kByte)).prove(other).answer, Answer::refuted);
}

}  // namespace
}  // namespace khover::prove
