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

Outcome decide(const walk::World& world, const Question& question) {
  Outcome outcome;
  outcome.rule = question.rule;
  Judge judge(world, question, outcome);
  decide_form(judge);
  return outcome;
}

// The claim on the records, too, for which a rule fails that is milder and that it needs. What holds
// holds; what fails may be a consequence, so that nobody knows what it would be without the milder damage.
void look_past_milder(const walk::World& world, Question question, Outcome& outcome) {
  const auto& rules = world.model->rules;
  const pack::Severity severity = rules[question.rule].severity;
  std::string milder;
  std::erase_if(question.needed, [&](const Outcome* needed) {
    const bool is_milder = rules[needed->rule].severity > severity;
    if (is_milder && !needed->offenders.empty()) milder = rules[needed->rule].id;
    return is_milder;
  });
  for (const walk::RecordSet& set : world.sets) {
    for (const uint32_t gate : set.condemned_by) {
      if (rules[gate].severity <= severity || !question.ignored_gates.insert(gate).second) continue;
      if (milder.empty()) milder = rules[gate].id;
    }
  }
  if (milder.empty()) return;
  Outcome all = decide(world, question);
  if (all.verdict == Verdict::not_judged || all.exempt == outcome.exempt) return;
  if (all.verdict == Verdict::violated) {
    all.verdict = Verdict::undetermined;
    all.why = "it fails for a record for which the milder rule " + milder + " fails, which it needs";
    all.undecided += all.violations;
    all.violations = 0;
    all.unknown = std::move(all.violated);
    all.violated.clear();
    all.offenders.clear();
  }
  outcome = std::move(all);
}

}  // namespace

std::vector<Outcome> evaluate(const walk::World& world, const std::vector<pack::Phase>& phases) {
  const auto& rules = world.model->rules;
  std::vector<Outcome> outcomes(rules.size());
  for (uint32_t i = 0; i < rules.size(); ++i) {
    Outcome& outcome = outcomes[i];
    outcome.rule = i;
    outcome.why = missing_input(world, rules[i]);
    if (!outcome.why.empty()) {
      outcome.reason = Reason::input;
      continue;
    }
    Question question{rules[i].claim, i, {}, {}};
    for (const uint32_t need : rules[i].needs) {
      const auto& of = rules[need].phases;
      if (std::find_first_of(of.begin(), of.end(), phases.begin(), phases.end()) != of.end())
        question.needed.push_back(&outcomes[need]);
    }
    outcome = decide(world, question);
    if (outcome.verdict == Verdict::not_judged && outcome.reason == Reason::masked)
      look_past_milder(world, std::move(question), outcome);
  }
  return outcomes;
}

Verdict decide(const walk::World& world, const pack::Claim& claim) {
  return decide(world, Question{claim, kNone, {}, {}}).verdict;
}

}  // namespace khover::evaluate
