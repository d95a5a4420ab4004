#include "prove/certify/checker.h"

namespace khover::prove {
namespace {

using pack::Expr;
using pack::ExprPtr;
using pack::Function;

std::optional<Function> function_of(Formula::Kind kind) {
  switch (kind) {
    case Formula::Kind::select:
      return Function::select;
    case Formula::Kind::minimum:
      return Function::minimum;
    case Formula::Kind::maximum:
      return Function::maximum;
    case Formula::Kind::pages:
      return Function::pages;
    case Formula::Kind::order_of:
      return Function::order_of;
    default:
      return std::nullopt;
  }
}

// Variable i becomes column i.
ExprPtr expression_of(const Formula& formula) {
  auto expr = std::make_shared<Expr>();
  expr->type = formula.boolean ? pack::Type::boolean : pack::Type::integer;
  expr->range = formula.range;
  if (formula.kind == Formula::Kind::constant) {
    expr->value = formula.value;
  } else if (formula.kind == Formula::Kind::variable) {
    expr->op = Op::column;
    expr->column = formula.variable;
  } else if (const auto function = function_of(formula.kind)) {
    expr->op = Op::call;
    expr->function = *function;
  } else {
    expr->op = formula.op;
  }
  for (const FormulaPtr& arg : formula.args) expr->args.push_back(expression_of(*arg));
  return expr;
}

// Looked at node by node, so that the conversion above need not be trusted.
bool says_the_same(const Expr& expr, const Formula& formula, Integer page_size) {
  if ((expr.type == pack::Type::boolean) != formula.boolean || expr.range.low != formula.range.low ||
      expr.range.high != formula.range.high || expr.args.size() != formula.args.size())
    return false;
  bool same = false;
  switch (formula.kind) {
    case Formula::Kind::constant:
      same = expr.op == Op::constant && expr.value == formula.value;
      break;
    case Formula::Kind::variable:
      same = expr.op == Op::column && expr.hops == 0 && expr.column == formula.variable;
      break;
    case Formula::Kind::operation:
      same = expr.op == formula.op;
      break;
    case Formula::Kind::select:
    case Formula::Kind::minimum:
    case Formula::Kind::maximum:
      same = expr.op == Op::call && expr.function == function_of(formula.kind);
      break;
    case Formula::Kind::pages:
    case Formula::Kind::order_of:
      same = expr.op == Op::call && expr.function == function_of(formula.kind) && formula.value == page_size;
      break;
  }
  for (size_t i = 0; same && i < formula.args.size(); ++i)
    same = says_the_same(*expr.args[i], *formula.args[i], page_size);
  return same;
}

class Columns : public walk::LeafSource {
 public:
  Columns(const std::vector<walk::Lane>& variables, size_t facts) : variables_(variables), facts_(facts) {}
  void load(const Expr& expr, walk::Lane& lane) override {
    const walk::Lane& of = variables_[expr.column];
    lane.values.assign(of.values.begin(), of.values.begin() + static_cast<std::ptrdiff_t>(facts_));
    lane.known.assign(of.known.begin(), of.known.begin() + static_cast<std::ptrdiff_t>(facts_));
  }

 private:
  const std::vector<walk::Lane>& variables_;
  size_t facts_;
};

}  // namespace

Checker::Checker(const Check& check)
    : formula_(check.body()),
      expr_(expression_of(*formula_)),
      program_(walk::compile(*expr_, check.model().page_size)) {}

Reply Checker::prove(Translation& translation) const {
  if (!says_the_same(*expr_, *formula_, translation.page_size()))
    return {Answer::refuted, "the compiler was given another formula"};
  return translation.holds(*expr_, program_);
}

void Checker::run(const std::vector<walk::Lane>& variables, size_t facts, std::vector<Found>& found) {
  Columns columns(variables, facts);
  machine_.run(program_, facts, columns, result_);
  found.resize(facts);
  for (size_t i = 0; i < facts; ++i) {
    found[i] = result_.known[i] == 0 ? Found::unknown : result_.values[i] != 0 ? Found::holds : Found::fails;
  }
}

}  // namespace khover::prove
