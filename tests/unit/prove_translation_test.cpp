// Column programs compute what their expressions mean; a compiler that errs is caught.
#include <gtest/gtest.h>

#include "prove/formula/translation.h"

namespace khover::prove {
namespace {

using pack::Expr;
using pack::ExprPtr;
using pack::Integer;
using pack::Op;
using walk::Code;
using walk::Width;

constexpr uint64_t kPage = 4096;
constexpr pack::Interval kU64{0, (Integer{1} << 64) - 1};

ExprPtr column(pack::Interval range, uint32_t index) {
  auto expr = std::make_shared<Expr>();
  expr->op = Op::column;
  expr->column = index;
  expr->range = range;
  expr->source = "c" + std::to_string(index);
  return expr;
}

ExprPtr constant(Integer value) {
  auto expr = std::make_shared<Expr>();
  expr->value = value;
  expr->range = {value, value};
  expr->source = "constant";
  return expr;
}

ExprPtr binary(Op op, ExprPtr a, ExprPtr b, pack::Interval range = {0, 1}) {
  auto expr = std::make_shared<Expr>();
  expr->op = op;
  expr->type = op >= Op::equal ? pack::Type::boolean : pack::Type::integer;
  expr->range = range;
  expr->args = {std::move(a), std::move(b)};
  expr->source = "expression";
  return expr;
}

// (c0 + 4096) % 4096 < c1
ExprPtr sample() {
  const auto sum = binary(Op::add, column(kU64, 0), constant(4096), {4096, kU64.high + 4096});
  return binary(Op::less, binary(Op::modulo, sum, constant(4096), {0, 4095}), column(kU64, 1));
}

Answer answer(const ExprPtr& expr, const walk::Program& program) {
  return Translation(kPage).holds(*expr, program).answer;
}

TEST(Translation, TheCompilerIsRight) {
  const ExprPtr expr = sample();
  EXPECT_EQ(answer(expr, walk::compile(*expr, kPage)), Answer::proved);
}

TEST(Translation, EveryOperatorIsProved) {
  const pack::Interval small{0, 1000};
  for (const auto& [op, range] :
       {std::pair{Op::add, pack::Interval{0, 2000}}, std::pair{Op::subtract, pack::Interval{-1000, 1000}},
        std::pair{Op::multiply, pack::Interval{0, 1000000}}, std::pair{Op::bit_and, small},
        std::pair{Op::bit_or, pack::Interval{0, 1023}}, std::pair{Op::equal, pack::Interval{0, 1}}}) {
    const ExprPtr expr = binary(op, column(small, 0), column(small, 1), range);
    EXPECT_EQ(answer(expr, walk::compile(*expr, kPage)), Answer::proved) << static_cast<int>(op);
  }
  for (const Op op : {Op::shift_left, Op::shift_right}) {
    const ExprPtr expr = binary(op, column(small, 0), column({0, 63}, 1), {0, Integer{1000} << 63});
    EXPECT_EQ(answer(expr, walk::compile(*expr, kPage)), Answer::proved) << static_cast<int>(op);
  }
}

TEST(Translation, AWrongOperatorIsCaught) {
  const ExprPtr expr = sample();
  for (const auto& [right, wrong] :
       {std::pair{Code::add, Code::subtract}, std::pair{Code::add, Code::bit_or},
        std::pair{Code::modulo, Code::divide}, std::pair{Code::less, Code::less_equal}}) {
    walk::Program program = walk::compile(*expr, kPage);
    for (auto& instruction : program.code) {
      if (instruction.code == right) instruction.code = wrong;
    }
    EXPECT_EQ(answer(expr, program), Answer::refuted) << static_cast<int>(wrong);
  }
}

TEST(Translation, AnAdditionThatWrapsIsCaught) {
  // In 64 bits, 2^64 - 1 + 4096 is 4095.
  const ExprPtr expr = binary(Op::add, column(kU64, 0), column(kU64, 1), {0, 2 * kU64.high});
  walk::Program program;
  program.code = {{Code::load, Width::bits64, 0, 0, 0, 0, expr->args[0].get()},
                  {Code::load, Width::bits64, 0, 0, 0, 0, expr->args[1].get()},
                  {Code::add, Width::bits64, 0, 1, 0, 0, expr.get()}};
  EXPECT_EQ(answer(expr, program), Answer::refuted);
}

TEST(Translation, AnIntervalThatIsTooSmallIsCaught) {
  const ExprPtr expr = binary(Op::add, column({0, 10}, 0), column({0, 10}, 1), {0, 19});
  EXPECT_EQ(answer(expr, walk::compile(*expr, kPage)), Answer::refuted);
}

TEST(Translation, SwappedOperandsAndWrongConstantsAreCaught) {
  const ExprPtr expr = sample();
  walk::Program swapped = walk::compile(*expr, kPage);
  std::swap(swapped.code.back().a, swapped.code.back().b);
  EXPECT_EQ(answer(expr, swapped), Answer::refuted);
  walk::Program wrong = walk::compile(*expr, kPage);
  for (auto& instruction : wrong.code) {
    if (instruction.code == Code::constant) ++instruction.value;
  }
  EXPECT_EQ(answer(expr, wrong), Answer::refuted);
}

}  // namespace
}  // namespace khover::prove
