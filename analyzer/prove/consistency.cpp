#include "prove/consistency.h"

#include <map>

#include "prove/meaning.h"
#include "prove/reading.h"
#include "prove/smt.h"

namespace khover::prove {

Consistency consistency(const pack::Model& model, const std::string& smt2) {
  std::map<uint32_t, std::vector<uint32_t>> by_set;
  for (uint32_t i = 0; i < model.rules.size(); ++i) {
    if (model.rules[i].claim.form == pack::Form::row) by_set[model.rules[i].claim.set.set].push_back(i);
  }
  Consistency result;
  for (const auto& [set, rules] : by_set) {
    Smt smt({20'000'000, smt2});
    z3::context& context = smt.context();
    Check check(model, model.sets[set].name);
    std::vector<std::pair<FormulaPtr, FormulaPtr>> claims;  // where, predicate
    for (const uint32_t rule : rules) {
      // Terms are numbered rule by rule: a check of its own keeps them apart.
      const pack::Claim& claim = model.rules[rule].claim;
      const FormulaPtr where = claim.set.where ? check.read(claim.set.where, 0, set) : truth(true);
      claims.emplace_back(where, check.read(claim.predicate, 0, set));
    }
    std::vector<z3::expr> variables;
    for (size_t i = 0; i < check.variables.size(); ++i) {
      variables.push_back(
          variable(context, "v" + std::to_string(i), check.variables[i].range, check.variables[i].boolean));
    }
    z3::expr base = context.bool_val(true);  // types
    for (size_t i = 0; i < variables.size(); ++i) {
      if (!check.variables[i].boolean) base = base && lies_in(variables[i], check.variables[i].range);
    }
    check.require(truth(true));
    base = base && meaning(context, *check.body(), variables);
    std::vector<z3::expr> where, predicate;
    for (const auto& [condition, claim] : claims) {
      where.push_back(meaning(context, *condition, variables));
      predicate.push_back(meaning(context, *claim, variables));
    }
    const auto others = [&](size_t except) {
      z3::expr all = base;
      for (size_t i = 0; i < claims.size(); ++i) {
        if (i != except) all = all && z3::implies(where[i], predicate[i]);
      }
      return all;
    };
    for (size_t i = 0; i < rules.size(); ++i) {
      const std::string& id = model.rules[rules[i]].id;
      RuleConsistency one{rules[i]};
      one.holds = smt.possible("rule." + id + ".holds", base && where[i] && predicate[i]).answer;
      one.fails = smt.possible("rule." + id + ".fails", base && where[i] && !predicate[i]).answer;
      one.alone = smt.possible("rule." + id + ".alone", others(i) && where[i] && !predicate[i]).answer;
      result.rules.push_back(one);
    }
    result.sets.push_back(
        {set, smt.possible("set." + model.sets[set].name + ".together", others(claims.size())).answer,
         rules.size()});
    result.tally.add(smt.tally());
  }
  return result;
}

}  // namespace khover::prove
