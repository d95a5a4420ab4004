// A formula over numbered variables: the mathematical meaning of claims and of the local checks
// of certificates. Integers are unbounded here; every node knows the interval that it stays in.
// The solver, the ground check and the certificate file all read this one form.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pack/model.h"

namespace khover::prove {

using pack::Integer;
using pack::Interval;
using pack::Op;

struct Formula;
using FormulaPtr = std::shared_ptr<const Formula>;

struct Formula {
  enum class Kind { constant, variable, operation, select, minimum, maximum, pages, order_of };
  Kind kind = Kind::constant;
  Op op = Op::constant;  // operation
  bool boolean = false;
  Interval range;
  Integer value = 0;  // constant; pages, order_of: the page size
  uint32_t variable = 0;
  std::vector<FormulaPtr> args;
};

FormulaPtr number(Integer value);
FormulaPtr truth(bool value);
FormulaPtr variable(uint32_t index, Interval range, bool boolean);
FormulaPtr operation(Op op, std::vector<FormulaPtr> args, Interval range = {0, 1});
FormulaPtr call(Formula::Kind kind, std::vector<FormulaPtr> args, Interval range, Integer page_size = 0);

FormulaPtr both(const FormulaPtr& a, const FormulaPtr& b);
FormulaPtr either(const FormulaPtr& a, const FormulaPtr& b);
FormulaPtr negation(const FormulaPtr& a);
FormulaPtr equal(const FormulaPtr& a, const FormulaPtr& b);
FormulaPtr less(const FormulaPtr& a, const FormulaPtr& b);
FormulaPtr at_most(const FormulaPtr& a, const FormulaPtr& b);
FormulaPtr sum(const FormulaPtr& a, const FormulaPtr& b);
// (a0, a1, …) before (b0, b1, …) in dictionary order; the same tuple.
FormulaPtr before(const std::vector<FormulaPtr>& a, const std::vector<FormulaPtr>& b);
FormulaPtr same(const std::vector<FormulaPtr>& a, const std::vector<FormulaPtr>& b);

// The value for known variables. Three-valued: nullopt when an unknown one decides.
struct Value {
  Integer value = 0;
  bool known = true;
};
Value compute(const Formula& formula, const std::vector<Value>& variables);

// (<= (+ v0 8) v3)
std::string to_text(const Formula& formula);

}  // namespace khover::prove
