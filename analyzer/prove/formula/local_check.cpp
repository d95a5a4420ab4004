#include "prove/formula/local_check.h"

namespace khover::prove {
namespace {

using pack::Expr;
using pack::Function;

// Strings are numbers of a table; 2^40 different ones do not fit an image.
constexpr Interval kText{0, Integer{1} << 40};

bool same_place(const Variable& a, const Variable& b) {
  return a.kind == b.kind && a.side == b.side && a.set == b.set && a.column == b.column && a.hops == b.hops &&
         a.expr == b.expr;
}

}  // namespace

FormulaPtr Check::add(Variable one) {
  if (one.kind == Variable::Kind::column || one.kind == Variable::Kind::fact ||
      one.kind == Variable::Kind::term) {
    for (uint32_t i = 0; i < variables.size(); ++i) {
      if (same_place(variables[i], one)) return variable(i, variables[i].range, variables[i].boolean);
    }
  }
  variables.push_back(std::move(one));
  const Variable& added = variables.back();
  return variable(static_cast<uint32_t>(variables.size() - 1), added.range, added.boolean);
}

FormulaPtr Check::read(const pack::ExprPtr& expr, uint32_t side, uint32_t set) {
  return translate(*expr, {side, set, 0});
}

std::vector<FormulaPtr> Check::read(const std::vector<pack::ExprPtr>& exprs, uint32_t side, uint32_t set) {
  std::vector<FormulaPtr> out;
  for (const auto& expr : exprs) out.push_back(read(expr, side, set));
  return out;
}

FormulaPtr Check::read_column(uint32_t index, uint32_t side, uint32_t set, uint32_t hops) {
  uint32_t of = set;
  for (uint32_t i = 0; i < hops; ++i) of = model_.sets[of].parent;
  return column(of, index, {side, set, hops});
}

FormulaPtr Check::state(std::string text, Interval range) {
  Variable one;
  one.kind = Variable::Kind::stated;
  one.name = std::move(text);
  one.range = range;
  return add(std::move(one));
}

FormulaPtr Check::body() const {
  FormulaPtr all = body_ ? body_ : truth(true);
  for (const FormulaPtr& binding : bindings_) all = both(all, binding);
  return all;
}

FormulaPtr Check::column(uint32_t set, uint32_t index, Place place) {
  const pack::Column& of = model_.sets[set].columns[index];
  if (of.kind == pack::ColumnKind::derived) return translate(*of.derived, place);
  Variable one;
  one.name = of.name;
  one.range = of.type == pack::Type::text ? kText : of.range;
  one.boolean = of.type == pack::Type::boolean;
  one.side = place.side;
  one.set = set;
  one.column = index;
  one.hops = place.hops;
  return add(std::move(one));
}

FormulaPtr Check::function(const Expr& expr, Place place) {
  // All meanings first: an argument may itself be a function, whose own arguments are before it.
  const std::vector<FormulaPtr> meanings = arguments(expr, place);
  const bool of_registry = expr.function == Function::known || expr.function == Function::served;
  for (size_t i = of_registry ? 1 : 0; i < expr.args.size(); ++i) {
    const FormulaPtr& meaning = meanings[i];
    Variable checked;
    checked.kind = Variable::Kind::argument;
    checked.name = "is known";
    checked.range = {0, 1};
    checked.boolean = true;
    checked.meaning = meaning;
    const FormulaPtr is_known = add(std::move(checked));
    Variable argument;
    argument.kind = Variable::Kind::argument;
    argument.name = expr.args[i]->source;
    argument.range = meaning->range;
    argument.meaning = meaning;
    bindings_.push_back(either(negation(is_known), equal(add(std::move(argument)), meaning)));
  }
  Variable one;
  one.kind = Variable::Kind::function;
  one.name = expr.source;
  one.range = expr.type == pack::Type::text ? kText : expr.range;
  one.boolean = expr.type == pack::Type::boolean;
  one.side = place.side;
  one.set = place.set;
  one.hops = place.hops;
  one.expr = &expr;
  return add(std::move(one));
}

std::vector<FormulaPtr> Check::arguments(const Expr& expr, Place place) {
  std::vector<FormulaPtr> args;
  for (const auto& arg : expr.args) args.push_back(translate(*arg, place));
  return args;
}

FormulaPtr Check::translate(const Expr& expr, Place place) {
  switch (expr.op) {
    case Op::constant:
      if (expr.type == pack::Type::text) {  // its number in the table of strings
        Variable one;
        one.kind = Variable::Kind::fact;
        one.name = "\"" + expr.text + "\"";
        one.range = kText;
        one.expr = &expr;
        return add(std::move(one));
      }
      return expr.type == pack::Type::boolean ? truth(expr.value != 0) : number(expr.value);
    case Op::column:
      return column(expr.set, expr.column, {place.side, place.set, place.hops + expr.hops});
    case Op::fact:
    case Op::term: {
      Variable one;
      one.kind = expr.op == Op::fact ? Variable::Kind::fact : Variable::Kind::term;
      one.name = expr.source;
      one.range = expr.range;
      one.boolean = expr.type == pack::Type::boolean;
      one.side = expr.op == Op::fact ? 0 : place.side;
      one.expr = &expr;
      return add(std::move(one));
    }
    case Op::call:
      break;
    default:
      return operation(expr.op, arguments(expr, place), expr.range);
  }
  const auto page_size = static_cast<Integer>(model_.page_size);
  switch (expr.function) {
    case Function::select:
      return call(Formula::Kind::select, arguments(expr, place), expr.range);
    case Function::minimum:
      return call(Formula::Kind::minimum, arguments(expr, place), expr.range);
    case Function::maximum:
      return call(Formula::Kind::maximum, arguments(expr, place), expr.range);
    case Function::pages:
      return call(Formula::Kind::pages, arguments(expr, place), expr.range, page_size);
    case Function::order_of:
      return call(Formula::Kind::order_of, arguments(expr, place), expr.range, page_size);
    case Function::is_version: {  // a newer version: unknown
      const auto args = arguments(expr, place);
      Variable one;
      one.kind = Variable::Kind::free;
      one.name = expr.source;
      one.range = {0, 1};
      one.boolean = true;
      return either(equal(args[0], args[1]), both(less(args[1], args[0]), add(std::move(one))));
    }
    default:
      return function(expr, place);
  }
}

}  // namespace khover::prove
