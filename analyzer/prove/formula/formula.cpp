#include "prove/formula/formula.h"

#include <fmt/format.h>

#include <algorithm>

namespace khover::prove {
namespace {

std::shared_ptr<Formula> make(Formula::Kind kind, Interval range) {
  auto made = std::make_shared<Formula>();
  made->kind = kind;
  made->range = range;
  return made;
}

std::string decimal(Integer value) {
  if (value < 0) return "-" + decimal(-value);
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return text;
}

const char* symbol(Op op) {
  switch (op) {
    case Op::add:
      return "+";
    case Op::subtract:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::modulo:
      return "%";
    case Op::shift_left:
      return "<<";
    case Op::shift_right:
      return ">>";
    case Op::bit_and:
      return "&";
    case Op::bit_or:
      return "|";
    case Op::equal:
      return "==";
    case Op::not_equal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::logical_and:
      return "and";
    case Op::logical_or:
      return "or";
    case Op::implies:
      return "=>";
    case Op::logical_not:
      return "not";
    default:
      return "?";
  }
}

Value decided(Value a, Value b, Integer deciding) {
  const bool decides = (a.known && a.value == deciding) || (b.known && b.value == deciding);
  return {decides ? deciding : 1 - deciding, decides || (a.known && b.known)};
}

Integer apply(Op op, Integer a, Integer b) {
  switch (op) {
    case Op::add:
      return a + b;
    case Op::subtract:
      return a - b;
    case Op::multiply:
      return a * b;
    case Op::divide:
      return a / b;
    case Op::modulo:
      return a % b;
    case Op::shift_left:
      return a << static_cast<int>(b);
    case Op::shift_right:
      return a >> static_cast<int>(b);
    case Op::bit_and:
      return a & b;
    case Op::bit_or:
      return a | b;
    case Op::equal:
      return a == b;
    case Op::not_equal:
      return a != b;
    case Op::less:
      return a < b;
    case Op::less_equal:
      return a <= b;
    default:
      return 0;
  }
}

}  // namespace

FormulaPtr number(Integer value) {
  auto made = make(Formula::Kind::constant, {value, value});
  made->value = value;
  return made;
}

FormulaPtr truth(bool value) {
  auto made = make(Formula::Kind::constant, {value, value});
  made->value = value;
  made->boolean = true;
  return made;
}

FormulaPtr variable(uint32_t index, Interval range, bool boolean) {
  auto made = make(Formula::Kind::variable, range);
  made->variable = index;
  made->boolean = boolean;
  return made;
}

FormulaPtr operation(Op op, std::vector<FormulaPtr> args, Interval range) {
  auto made = make(Formula::Kind::operation, range);
  made->op = op;
  made->boolean = is_condition(op);
  made->args = std::move(args);
  return made;
}

FormulaPtr call(Formula::Kind kind, std::vector<FormulaPtr> args, Interval range, Integer page_size) {
  auto made = make(kind, range);
  made->args = std::move(args);
  made->value = page_size;
  made->boolean = kind == Formula::Kind::select && made->args[1]->boolean;
  return made;
}

FormulaPtr both(const FormulaPtr& a, const FormulaPtr& b) { return operation(Op::logical_and, {a, b}); }
FormulaPtr either(const FormulaPtr& a, const FormulaPtr& b) { return operation(Op::logical_or, {a, b}); }
FormulaPtr negation(const FormulaPtr& a) { return operation(Op::logical_not, {a}); }
FormulaPtr equal(const FormulaPtr& a, const FormulaPtr& b) { return operation(Op::equal, {a, b}); }
FormulaPtr less(const FormulaPtr& a, const FormulaPtr& b) { return operation(Op::less, {a, b}); }
FormulaPtr at_most(const FormulaPtr& a, const FormulaPtr& b) { return operation(Op::less_equal, {a, b}); }
FormulaPtr sum(const FormulaPtr& a, const FormulaPtr& b) {
  return operation(Op::add, {a, b}, {a->range.low + b->range.low, a->range.high + b->range.high});
}

FormulaPtr before(const std::vector<FormulaPtr>& a, const std::vector<FormulaPtr>& b) {
  FormulaPtr result = truth(false);
  for (size_t i = a.size(); i-- > 0;) result = either(less(a[i], b[i]), both(equal(a[i], b[i]), result));
  return result;
}

FormulaPtr same(const std::vector<FormulaPtr>& a, const std::vector<FormulaPtr>& b) {
  FormulaPtr result = truth(true);
  for (size_t i = 0; i < a.size(); ++i) result = both(result, equal(a[i], b[i]));
  return result;
}

Value compute(const Formula& formula, const std::vector<Value>& variables) {
  const auto arg = [&](size_t i) { return compute(*formula.args[i], variables); };
  switch (formula.kind) {
    case Formula::Kind::constant:
      return {formula.value, true};
    case Formula::Kind::variable:
      return variables[formula.variable];
    case Formula::Kind::select: {
      const Value condition = arg(0);
      if (!condition.known) return {0, false};
      return arg(condition.value != 0 ? 1 : 2);
    }
    case Formula::Kind::minimum:
    case Formula::Kind::maximum: {
      const Value a = arg(0), b = arg(1);
      if (!a.known || !b.known) return {0, false};
      return {
          formula.kind == Formula::Kind::minimum ? std::min(a.value, b.value) : std::max(a.value, b.value),
          true};
    }
    case Formula::Kind::pages: {
      const Value a = arg(0);
      return {(a.value + formula.value - 1) / formula.value, a.known};
    }
    case Formula::Kind::order_of: {
      const Value a = arg(0);
      Integer order = 0;
      while (order < 64 && (formula.value << static_cast<int>(order)) < a.value) ++order;
      return {order, a.known};
    }
    case Formula::Kind::operation:
      break;
  }
  const Value a = arg(0);
  if (formula.op == Op::logical_not) return {a.value == 0, a.known};
  const Value b = arg(1);
  if (formula.op == Op::logical_and) return decided(a, b, 0);
  if (formula.op == Op::logical_or) return decided(a, b, 1);
  if (formula.op == Op::implies) return decided({a.value == 0, a.known}, b, 1);
  if (!a.known || !b.known) return {0, false};
  return {apply(formula.op, a.value, b.value), true};
}

std::string to_text(const Formula& formula) {
  std::string head;
  switch (formula.kind) {
    case Formula::Kind::constant:
      return formula.boolean ? (formula.value != 0 ? "true" : "false") : decimal(formula.value);
    case Formula::Kind::variable:
      return fmt::format("v{}", formula.variable);
    case Formula::Kind::operation:
      head = symbol(formula.op);
      break;
    case Formula::Kind::select:
      head = "if";
      break;
    case Formula::Kind::minimum:
      head = "min";
      break;
    case Formula::Kind::maximum:
      head = "max";
      break;
    case Formula::Kind::pages:
      head = "pages " + decimal(formula.value);
      break;
    case Formula::Kind::order_of:
      head = "order_of " + decimal(formula.value);
      break;
  }
  std::string text = "(" + head;
  for (const FormulaPtr& arg : formula.args) text += " " + to_text(*arg);
  return text + ")";
}

}  // namespace khover::prove
