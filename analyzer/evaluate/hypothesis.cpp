#include "evaluate/hypothesis.h"

#include <algorithm>

namespace khover::evaluate {
namespace {

const char* origin_text(image::Origin origin) {
  return origin == image::Origin::given ? "given" : origin == image::Origin::note ? "note" : "dump";
}

std::string phase_list(const std::vector<pack::Phase>& phases) {
  std::string text;
  for (const pack::Phase phase : phases)
    text += (text.empty() ? "" : " or ") + std::string(pack::to_string(phase));
  return text;
}

void not_judged(Outcome& outcome, Reason reason, std::string why) {
  outcome.verdict = Verdict::not_judged;
  outcome.reason = reason;
  outcome.why = std::move(why);
  outcome.violations = outcome.undecided = 0;
  outcome.violated.clear();
  outcome.unknown.clear();
}

bool asks_for_a_known_name(const pack::Expr& expr) {
  return (expr.op == pack::Op::call && expr.function == pack::Function::known) ||
         std::any_of(expr.args.begin(), expr.args.end(),
                     [](const pack::ExprPtr& arg) { return asks_for_a_known_name(*arg); });
}

}  // namespace

Judgement judge(const walk::World& world) {
  Judgement judgement;
  const auto& stated = world.facts.phase;
  for (const pack::Phase phase : {pack::Phase::outgoing, pack::Phase::finalized, pack::Phase::early}) {
    const bool fits =
        std::none_of(world.model->signs.begin(), world.model->signs.end(), [&](const auto& sign) {
          return sign.first == phase && decide(world, sign.second) == Verdict::violated;
        });
    if (stated && stated->value == pack::to_string(phase)) {
      judgement.phases = {phase};
      judgement.phase_origin = origin_text(stated->origin);
      judgement.phase_contradicted = !fits;
    }
    if (fits) judgement.fitting.push_back(phase);
  }
  if (judgement.phase_origin.empty()) {
    judgement.phases = judgement.fitting;
    judgement.phase_origin = "evidence";
  }

  judgement.outcomes = evaluate(world, judgement.phases);
  for (Outcome& outcome : judgement.outcomes) {
    const auto& phases = world.model->rules[outcome.rule].phases;
    std::vector<pack::Phase> judged, hidden;
    for (const pack::Phase phase : judgement.phases) {
      (std::find(phases.begin(), phases.end(), phase) != phases.end() ? judged : hidden).push_back(phase);
    }
    if (judged.empty()) {
      const bool is_hidden = std::find(judgement.phases.begin(), judgement.phases.end(),
                                       pack::Phase::outgoing) != judgement.phases.end();
      if (is_hidden)
        not_judged(outcome, Reason::hidden, "the phase hides it");
      else
        not_judged(outcome, Reason::other_phase, "it is about images that are " + phase_list(phases));
    } else if (!hidden.empty() && outcome.verdict == Verdict::violated) {
      outcome.verdict = Verdict::undetermined;
      outcome.why = "violated if the image is " + phase_list(judged) + ", not judged if it is " +
                    phase_list(hidden) + "; give --phase";
    }
  }
  return judgement;
}

void ask_target(const walk::World& world, Judgement& judgement) {
  Judgement asked = judge(world);
  for (size_t i = 0; i < asked.outcomes.size(); ++i) {
    const Outcome& before = judgement.outcomes[i];
    const auto& predicate = world.model->rules[before.rule].claim.predicate;
    if (before.verdict != Verdict::undetermined || (predicate && asks_for_a_known_name(*predicate)))
      judgement.outcomes[i] = std::move(asked.outcomes[i]);
  }
}

bool nothing_preserved(const walk::World& world) {
  const auto& claims = world.model->nothing_preserved;
  return !claims.empty() && std::all_of(claims.begin(), claims.end(), [&](const pack::Claim& claim) {
    return decide(world, claim) == Verdict::holds;
  });
}

constexpr uint32_t kHidden = 8;  // rules that a violated gate is taken to hide, with itself

Misfit misfit(const walk::World& world, const Judgement& judgement) {
  Misfit misfit;
  for (const Outcome& outcome : judgement.outcomes) {
    const pack::Rule& rule = world.model->rules[outcome.rule];
    const bool violated = outcome.verdict == Verdict::violated;
    const bool is_gate = rule.gate == pack::Gate::record;
    // A version newer than every known one leaves its gate undetermined.
    if (is_gate && (violated || outcome.verdict == Verdict::undetermined) &&
        asks_for_a_known_name(*rule.claim.predicate))
      ++misfit.strangers;
    if (!violated) continue;
    misfit.violated += is_gate ? kHidden : 1;
  }
  return misfit;
}

}  // namespace khover::evaluate
