#include "prove/formula/bitvector.h"

#include <algorithm>

namespace khover::prove {
namespace {

constexpr Integer kMaxU64 = (Integer{1} << 64) - 1;

bool in_u64(const Interval& range) { return range.low >= 0 && range.high <= kMaxU64; }

// Least n (up to 64) with page << n >= bytes.
z3::expr order_of(z3::context& context, const z3::expr& bytes, Integer page, unsigned out) {
  const unsigned wide = std::max(bytes.get_sort().bv_size(), 129U);
  const z3::expr value = resized(bytes, wide);
  z3::expr order = constant(context, 64, out);
  for (int n = 63; n >= 0; --n) {
    order = z3::ite(constant(context, page << n, wide) >= value, constant(context, n, out), order);
  }
  return order;
}

}  // namespace

unsigned width_of(const Interval& range) {
  unsigned width = 1;
  while (range.high > (Integer{1} << (width - 1)) - 1 || range.low < -(Integer{1} << (width - 1))) ++width;
  return width;
}

Interval hull(const Interval& a, const Interval& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

z3::expr constant(z3::context& context, Integer value, unsigned width) {
  if (width <= 64) return context.bv_val(static_cast<uint64_t>(value), width);
  const z3::expr low = context.bv_val(static_cast<uint64_t>(value), 64);
  if (width <= 128)
    return z3::concat(context.bv_val(static_cast<uint64_t>(value >> 64), width - 64), low).simplify();
  return z3::sext(z3::concat(context.bv_val(static_cast<uint64_t>(value >> 64), 64), low), width - 128)
      .simplify();
}

z3::expr variable(z3::context& context, const std::string& name, const Interval& range, bool boolean) {
  return boolean ? context.bool_const(name.c_str()) : context.bv_const(name.c_str(), width_of(range));
}

z3::expr resized(const z3::expr& value, unsigned width) {
  const unsigned have = value.get_sort().bv_size();
  if (have == width) return value;
  return have < width ? z3::sext(value, width - have) : value.extract(width - 1, 0);
}

z3::expr lies_in(const z3::expr& value, const Interval& range) {
  const unsigned wide = std::max(value.get_sort().bv_size(), width_of(range));
  const z3::expr same = resized(value, wide);
  return constant(value.ctx(), range.low, wide) <= same && same <= constant(value.ctx(), range.high, wide);
}

z3::expr exact(Op op, const z3::expr& a, const Interval& range_a, const z3::expr& b, const Interval& range_b,
               const Interval& result) {
  const unsigned operands = width_of(hull(range_a, range_b));
  const auto at = [](const z3::expr& value, unsigned width) { return resized(value, width); };
  switch (op) {
    case Op::equal:
      return at(a, operands) == at(b, operands);
    case Op::not_equal:
      return at(a, operands) != at(b, operands);
    case Op::less:
      return at(a, operands) < at(b, operands);
    case Op::less_equal:
      return at(a, operands) <= at(b, operands);
    default:
      break;
  }
  unsigned wide = std::max(operands, width_of(result));
  const unsigned out = width_of(result);
  switch (op) {
    case Op::add:
      return at(at(a, wide) + at(b, wide), out);
    case Op::subtract:
      return at(at(a, wide) - at(b, wide), out);
    case Op::multiply:
      return at(at(a, wide) * at(b, wide), out);
    case Op::bit_and:
      return at(at(a, wide) & at(b, wide), out);
    case Op::bit_or:
      return at(at(a, wide) | at(b, wide), out);
    default:
      break;
  }
  // Natural numbers below 2^64 (else 2^127): unsigned division and shifts of that many bits are exact.
  wide = in_u64(range_a) && in_u64(range_b) && in_u64(result) ? 64 : 128;
  const auto natural = [&](const z3::expr& value) { return at(value, wide); };
  z3::expr value = op == Op::divide       ? z3::udiv(natural(a), natural(b))
                   : op == Op::modulo     ? z3::urem(natural(a), natural(b))
                   : op == Op::shift_left ? z3::shl(natural(a), natural(b))
                                          : z3::lshr(natural(a), natural(b));
  return at(z3::zext(value, 2), out);
}

z3::expr meaning(z3::context& context, const Formula& formula, const std::vector<z3::expr>& variables) {
  const auto arg = [&](size_t i) { return meaning(context, *formula.args[i], variables); };
  const unsigned width = width_of(formula.range);
  switch (formula.kind) {
    case Formula::Kind::constant:
      return formula.boolean ? context.bool_val(formula.value != 0) : constant(context, formula.value, width);
    case Formula::Kind::variable:
      return variables[formula.variable];
    case Formula::Kind::select:
      if (formula.boolean) return z3::ite(arg(0), arg(1), arg(2));
      return z3::ite(arg(0), resized(arg(1), width), resized(arg(2), width));
    case Formula::Kind::minimum:
    case Formula::Kind::maximum: {
      const unsigned wide = width_of(hull(formula.args[0]->range, formula.args[1]->range));
      const z3::expr a = resized(arg(0), wide), b = resized(arg(1), wide);
      const bool least = formula.kind == Formula::Kind::minimum;
      return resized(z3::ite(least ? a <= b : a >= b, a, b), width);
    }
    case Formula::Kind::pages: {
      const unsigned wide = std::max(width_of(formula.args[0]->range), width_of({0, formula.value})) + 1;
      const unsigned natural = wide <= 64 ? 64 : 128;
      const z3::expr rounded = resized(arg(0), wide) + constant(context, formula.value - 1, wide);
      const z3::expr pages = z3::udiv(resized(rounded, natural), constant(context, formula.value, natural));
      return resized(z3::zext(pages, 2), width);
    }
    case Formula::Kind::order_of:
      return order_of(context, arg(0), formula.value, width);
    case Formula::Kind::operation:
      break;
  }
  switch (formula.op) {
    case Op::logical_and:
      return arg(0) && arg(1);
    case Op::logical_or:
      return arg(0) || arg(1);
    case Op::implies:
      return z3::implies(arg(0), arg(1));
    case Op::logical_not:
      return !arg(0);
    default:
      break;
  }
  if (formula.args[0]->boolean) return formula.op == Op::equal ? arg(0) == arg(1) : arg(0) != arg(1);
  return exact(formula.op, arg(0), formula.args[0]->range, arg(1), formula.args[1]->range, formula.range);
}

}  // namespace khover::prove
