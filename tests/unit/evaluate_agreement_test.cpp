// What is said of a rule under two layouts that fit equally well: the table of agreement.h, cell by cell.
#include <gtest/gtest.h>

#include "evaluate/agreement.h"
#include "tiny_world.h"

namespace khover::evaluate {
namespace {

constexpr auto H = Verdict::holds, V = Verdict::violated, U = Verdict::undetermined, N = Verdict::not_judged;

TEST(Agreement, IsTheTable) {
  const std::optional<Verdict> lacks;
  const struct {
    Verdict here;
    Verdict with_holds, with_violated, with_undetermined, with_not_judged, with_none;
  } table[] = {{H, H, U, U, N, H}, {V, U, V, U, U, U}, {U, U, U, U, U, U}, {N, N, U, U, N, N}};
  for (const auto& row : table) {
    EXPECT_EQ(agreed(row.here, H), row.with_holds);
    EXPECT_EQ(agreed(row.here, V), row.with_violated);
    EXPECT_EQ(agreed(row.here, U), row.with_undetermined);
    EXPECT_EQ(agreed(row.here, N), row.with_not_judged);
    EXPECT_EQ(agreed(row.here, lacks), row.with_none);
  }
}

TEST(Agreement, DoesNotDependOnTheOrder) {
  for (const Verdict a : {H, V, U, N}) {
    for (const Verdict b : {H, V, U, N}) EXPECT_EQ(agreed(a, b), agreed(b, a));
  }
}

TEST(Agreement, SaysWhoDisagrees) {
  const TinyImage strict(tiny_pack("rules:\n" + tiny_rule("r", "for items: start == 1")));
  const TinyImage lax(tiny_pack("rules:\n" + tiny_rule("r", "for items: start == 0")));
  const TinyImage none(tiny_pack("rules:\n" + tiny_rule("other-rule", "for items: start == 0")));
  const auto judged = [](const TinyImage& of, Verdict verdict) {
    Judgement judgement;
    judgement.outcomes.resize(1);
    judgement.outcomes[0].rule = 0;
    judgement.outcomes[0].verdict = verdict;
    return std::pair{judgement, of.model.get()};
  };
  const std::vector<std::string> left = {"one", "two"}, right = {"three"};
  auto [here, model] = judged(strict, Verdict::violated);
  const auto [there, other] = judged(lax, Verdict::holds);
  agree(here, {*model, left}, there, {*other, right});
  EXPECT_EQ(here.outcomes[0].verdict, Verdict::undetermined);
  EXPECT_EQ(here.outcomes[0].why,
            "violated with the layouts of one, two, holds with those of three; give --abi");
  auto [alone, its] = judged(strict, Verdict::holds);
  const auto [stranger, lacks] = judged(none, Verdict::violated);
  agree(alone, {*its, left}, stranger, {*lacks, right});
  EXPECT_EQ(alone.outcomes[0].verdict, Verdict::holds);
}

}  // namespace
}  // namespace khover::evaluate
