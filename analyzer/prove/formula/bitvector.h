// Formulas as bit-vectors. Each node is as wide as its interval asks for, so that nothing wraps:
// the bit-vector is the integer. (Z3 4.8 cannot decide Int mixed with bit operations.)
#pragma once

#include <vector>

#include "prove/formula/formula.h"
#include "prove/solver/smt.h"

namespace khover::prove {

// Bits of a two's complement number that holds every value of the interval.
unsigned width_of(const Interval& range);
Interval hull(const Interval& a, const Interval& b);

z3::expr constant(z3::context& context, Integer value, unsigned width);
z3::expr variable(z3::context& context, const std::string& name, const Interval& range, bool boolean);
// The same number, at least `width` bits wide; narrower if it fits by its interval.
z3::expr resized(const z3::expr& value, unsigned width);

// Mathematical result of one operation on operands of `a` and `b`.
z3::expr exact(Op op, const z3::expr& a, const Interval& range_a, const z3::expr& b, const Interval& range_b,
               const Interval& result);

// Whether a signed bit-vector is in an interval.
z3::expr lies_in(const z3::expr& value, const Interval& range);

// `variables` by index: Bool for conditions, else bit-vectors of width_of(their range).
z3::expr meaning(z3::context& context, const Formula& formula, const std::vector<z3::expr>& variables);

}  // namespace khover::prove
