#include "evaluate/evaluate.h"

#include <algorithm>

#include "evaluate/forms.h"

namespace khover::evaluate {
namespace {

// The facts that a rule asks for and that were not given.
std::string missing_input(const walk::World& world, const pack::Rule& rule) {
  for (const pack::Input input : rule.inputs) {
    const bool given = (input == pack::Input::ram && world.facts.ram) ||
                       (input == pack::Input::scratch && world.facts.scratch) ||
                       (input == pack::Input::numa && world.facts.numa) ||
                       (input == pack::Input::topology && world.facts.topology);
    if (!given) return std::string("input ") + pack::to_string(input) + " is not given";
  }
  return "";
}

void decide_form(Judge& judge) {
  switch (judge.claim.form) {
    case pack::Form::row:
      return decide_row(judge);
    case pack::Form::unique:
      return decide_unique(judge);
    case pack::Form::determines:
      return decide_determines(judge);
    case pack::Form::tiles:
      return decide_tiles(judge);
    case pack::Form::disjoint:
      return decide_disjoint(judge);
    case pack::Form::apart:
      return decide_apart(judge);
    case pack::Form::within:
      return decide_within(judge);
    case pack::Form::preserved:
      return decide_preserved(judge);
    case pack::Form::acyclic:
      return decide_acyclic(judge);
  }
}

}  // namespace

std::vector<Outcome> evaluate(const walk::World& world, const std::vector<pack::Phase>& phases) {
  const auto& rules = world.model->rules;
  std::vector<Outcome> outcomes(rules.size());
  for (uint32_t i = 0; i < rules.size(); ++i) {
    Outcome& outcome = outcomes[i];
    outcome.rule = i;
    outcome.why = missing_input(world, rules[i]);
    if (!outcome.why.empty()) continue;
    std::vector<const Outcome*> needed;
    for (const uint32_t need : rules[i].needs) {
      const auto& of = rules[need].phases;
      if (std::find_first_of(of.begin(), of.end(), phases.begin(), phases.end()) != of.end())
        needed.push_back(&outcomes[need]);
    }
    Judge judge(world, rules[i].claim, i, needed, outcome);
    decide_form(judge);
  }
  return outcomes;
}

Verdict decide(const walk::World& world, const pack::Claim& claim) {
  Outcome outcome;
  const std::vector<const Outcome*> none;
  Judge judge(world, claim, kNone, none, outcome);
  decide_form(judge);
  return outcome.verdict;
}

}  // namespace khover::evaluate
