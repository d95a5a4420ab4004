#include "prove/search/consistency.h"

#include <algorithm>
#include <map>

#include "prove/formula/bitvector.h"
#include "prove/formula/local_check.h"
#include "prove/solver/smt.h"

namespace khover::prove {
namespace {

bool counts_in(const pack::Rule& rule, pack::Phase phase) {
  return std::find(rule.phases.begin(), rule.phases.end(), phase) != rule.phases.end();
}

}  // namespace

bool leans_on(const pack::Model& model, uint32_t rule, uint32_t failed) {
  if (model.rules[failed].gate == pack::Gate::record) return true;
  const auto& needs = model.rules[rule].needs;
  return std::any_of(needs.begin(), needs.end(),
                     [&](uint32_t need) { return need == failed || leans_on(model, need, failed); });
}

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
    // All claims that are judged in `phase` of a record; of one on which `failed` fails, if that is a rule.
    const auto judged = [&](pack::Phase phase, uint32_t failed) {
      z3::expr all = base;
      for (size_t i = 0; i < claims.size(); ++i) {
        const bool counts = counts_in(model.rules[rules[i]], phase) && rules[i] != failed &&
                            (failed == pack::kNone || !leans_on(model, rules[i], failed));
        if (counts) all = all && z3::implies(where[i], predicate[i]);
      }
      return all;
    };
    for (size_t i = 0; i < rules.size(); ++i) {
      const std::string& id = model.rules[rules[i]].id;
      RuleConsistency one{rules[i]};
      one.holds = smt.possible("rule." + id + ".holds", base && where[i] && predicate[i]).answer;
      one.fails = smt.possible("rule." + id + ".fails", base && where[i] && !predicate[i]).answer;
      z3::expr alone = context.bool_val(false);
      for (const pack::Phase phase : model.rules[rules[i]].phases) {
        alone = alone || (judged(phase, rules[i]) && where[i] && !predicate[i]);
      }
      one.alone = smt.possible("rule." + id + ".alone", alone).answer;
      result.rules.push_back(one);
    }
    // In each phase, not only in one.
    SetConsistency one{set, Answer::proved, rules.size()};
    for (const auto phase : {pack::Phase::outgoing, pack::Phase::finalized, pack::Phase::early}) {
      const std::string name =
          "set." + model.sets[set].name + ".together." + std::string(pack::to_string(phase));
      const Answer answer = smt.possible(name, judged(phase, pack::kNone)).answer;
      if (answer != Answer::proved && one.together != Answer::refuted) one.together = answer;
    }
    result.sets.push_back(one);
    result.tally.add(smt.tally());
  }
  return result;
}

}  // namespace khover::prove
