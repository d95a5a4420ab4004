#include "prove/prove.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "prove/certify.h"

namespace khover::prove {
namespace {

using Clock = std::chrono::steady_clock;

// evaluate decides operation by operation, so that two unknown values are never held against each other.
// Whether a claim holds whatever stands in the absent bytes is a question for the solver.
bool may_hold_anyway(const walk::World& world, const evaluate::Outcome& outcome) {
  const pack::Claim& claim = world.model->rules[outcome.rule].claim;
  return outcome.verdict == evaluate::Verdict::undetermined && claim.form == pack::Form::row &&
         claim.terms.empty() && outcome.violations == 0 && outcome.undecided > 0 && outcome.exempt == 0 &&
         world.opening(claim.set.set) == nullptr && world.sets[claim.set.set].doubtful.empty();
}

void settle(evaluate::Outcome& outcome, const RuleProof& proof) {
  if (outcome.verdict == evaluate::Verdict::undetermined) {
    if (proof.answer != Answer::proved) return;
    outcome.verdict = evaluate::Verdict::proved;
    outcome.why.clear();
    outcome.holes.clear();
    outcome.unknown.clear();
    outcome.records += outcome.undecided;
    outcome.undecided = 0;
    return;
  }
  const bool holds = outcome.verdict == evaluate::Verdict::proved;
  if (holds && proof.answer == Answer::unknown) {
    outcome.verdict = evaluate::Verdict::undetermined;
    outcome.why = "evaluated as true, but not proved: " + proof.reason;
  } else if (holds && proof.answer == Answer::refuted) {
    outcome.verdict = evaluate::Verdict::undetermined;
    outcome.why = "internal error: evaluate says that it holds, the solver refutes it: " + proof.reason;
  } else if (!holds && proof.answer == Answer::proved) {
    outcome.verdict = evaluate::Verdict::undetermined;
    outcome.why = "internal error: evaluate says that it is violated, the solver proves it";
  }
}

}  // namespace

Result<Proof> prove(const walk::World& world, const std::set<uint32_t>& rules, const Options& options,
                    evaluate::Judgement& judgement) {
  const auto start = Clock::now();
  FactsOptions facts_options;
  if (options.deadline)
    facts_options.deadline =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*options.deadline));
  std::optional<CertificateFile> certificate;
  if (!options.certificate.empty()) {
    certificate.emplace(options.certificate);
    if (!certificate->good())
      return fail(options.certificate, "cannot be written", "give --certificate a writable file");
    facts_options.certificate = &*certificate;
  }

  Proof proof;
  std::vector<evaluate::Outcome*> outcomes;
  for (evaluate::Outcome& outcome : judgement.outcomes) {
    const bool judged = outcome.verdict == evaluate::Verdict::proved ||
                        (outcome.verdict == evaluate::Verdict::violated && outcome.exempt == 0) ||
                        may_hold_anyway(world, outcome);
    if (!judged || rules.count(outcome.rule) == 0) continue;
    outcomes.push_back(&outcome);
    proof.rules.push_back({outcome.rule, Answer::unknown, "", {}});
  }
  // Large rules first, so that the last thread is not left alone with one.
  std::vector<size_t> order(outcomes.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return outcomes[a]->records > outcomes[b]->records; });
  std::atomic<size_t> next{0};
  const auto work = [&] {
    const auto solver = make_solver(options.steps, options.smt2);
    for (size_t i = next++; i < order.size(); i = next++) {
      RuleProof& one = proof.rules[order[i]];
      const pack::Rule& rule = world.model->rules[one.rule];
      Facts facts(facts_options, solver, rule.id);
      Certifier certifier(world, rule.claim, facts);
      certifier.run();
      const Reply reply = facts.finish();
      one.answer = reply.answer;
      one.reason = reply.reason;
      one.tally = facts.tally();
    }
  };
  const unsigned count =
      std::max(1U, options.threads != 0 ? options.threads : std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();

  for (size_t i = 0; i < outcomes.size(); ++i) {
    settle(*outcomes[i], proof.rules[i]);
    proof.tally.add(proof.rules[i].tally);
  }
  proof.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return proof;
}

}  // namespace khover::prove
