#include "pack/owners.h"

#include <set>

namespace khover::pack {
namespace {

ExprPtr operation(Op op, Type type, std::vector<ExprPtr> args) {
  auto expr = std::make_shared<Expr>();
  expr->op = op;
  expr->type = type;
  expr->range = {0, 1};
  expr->at = args.front()->at;
  expr->source = args.front()->source;
  expr->args = std::move(args);
  return expr;
}

ExprPtr zero_like(const ExprPtr& value) {
  auto expr = std::make_shared<Expr>();
  expr->at = value->at;
  expr->source.push_back('0');
  return expr;
}

// A null pointer owns nothing.
TupleOver owner(uint32_t holder, const ExprPtr& when, const ExprPtr& pointer) {
  ExprPtr where = operation(Op::not_equal, Type::boolean, {pointer, zero_like(pointer)});
  if (when) where = operation(Op::logical_and, Type::boolean, {when, where});
  return {SetRef{holder, where}, {pointer}};
}

ExprPtr column(const Model& model, uint32_t set, uint32_t index) {
  const Column& of = model.sets[set].columns[index];
  auto expr = std::make_shared<Expr>();
  expr->op = Op::column;
  expr->type = of.type;
  expr->range = of.range;
  expr->source = of.name;
  expr->set = set;
  expr->column = index;
  return expr;
}

bool is_address(const Model& model, uint32_t set, const Expr& expr) {
  return expr.op == Op::column && expr.hops == 0 &&
         model.sets[set].columns[expr.column].kind == ColumnKind::address;
}

std::set<uint32_t> found_once(const Model& model, const std::vector<uint32_t>& needed) {
  std::set<uint32_t> sets;
  for (const uint32_t rule : needed) {
    const Claim& claim = model.rules[rule].claim;
    if (claim.form != Form::unique) continue;
    for (const TupleOver& over : claim.tuples) {
      if (over.tuple.size() == 1 && is_address(model, over.set.set, *over.tuple.front()))
        sets.insert(over.set.set);
    }
  }
  return sets;
}

}  // namespace

std::vector<TupleOver> owners(const Model& model, const std::vector<uint32_t>& needed) {
  const std::set<uint32_t> elsewhere = found_once(model, needed);
  std::vector<TupleOver> found;
  for (uint32_t i = 0; i < model.sets.size(); ++i) {
    const SetType& type = model.sets[i];
    if (!type.allocation || !is_address(model, i, *type.allocation->start) || elsewhere.count(i) != 0)
      continue;
    const plans::Value* start = start_of(type.plan);
    if (type.parent == kNone || std::holds_alternative<plans::OneOf>(type.plan) || !start) continue;
    found.push_back(owner(type.parent, type.when, start->expr));
    if (const auto* chain = std::get_if<plans::Chain>(&type.plan))
      found.push_back(owner(i, nullptr, column(model, i, chain->next.index)));
  }
  return found;
}

}  // namespace khover::pack
