#include "prove/certify/prove.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "error/try.h"
#include "output/file.h"
#include "prove/certify/certify.h"

namespace khover::prove {
namespace {

using Clock = std::chrono::steady_clock;

// What cannot be decided is seldom decided by thinking longer: solver steps for one query.
constexpr unsigned kStepsOnPartial = 200'000;
constexpr uint64_t kPartialRecords = 64;  // of more undecided records none is asked about

// Sums, comparisons and masks of columns. What memory says for arguments that nobody knows is no question
// for a solver, and products of unknown values take it minutes, whatever its limit of steps.
bool is_plain(const pack::Model& model, const pack::ExprPtr& expr) {
  if (!expr) return true;
  switch (expr->op) {
    case pack::Op::column:
      return is_plain(model, model.sets[expr->set].columns[expr->column].derived);
    case pack::Op::call:
      if (expr->function != pack::Function::select && expr->function != pack::Function::minimum &&
          expr->function != pack::Function::maximum)
        return false;
      break;
    case pack::Op::multiply:
    case pack::Op::divide:
    case pack::Op::modulo:
    case pack::Op::shift_left:
    case pack::Op::shift_right:
      if (expr->args[1]->op != pack::Op::constant) return false;
      break;
    default:
      break;
  }
  return std::all_of(expr->args.begin(), expr->args.end(),
                     [&](const pack::ExprPtr& arg) { return is_plain(model, arg); });
}

// evaluate decides operation by operation, so that two unknown values are never held against each other.
// Whether a claim holds whatever is in the absent bytes is a question for the solver.
bool may_hold_anyway(const walk::World& world, const evaluate::Outcome& outcome) {
  const pack::Claim& claim = world.model->rules[outcome.rule].claim;
  return outcome.verdict == evaluate::Verdict::undetermined && claim.form == pack::Form::row &&
         claim.terms.empty() && is_plain(*world.model, claim.predicate) &&
         is_plain(*world.model, claim.set.where) && outcome.violations == 0 && outcome.undecided > 0 &&
         outcome.undecided <= kPartialRecords && outcome.exempt == 0 &&
         world.opening(claim.set.set) == nullptr && world.sets[claim.set.set].doubtful.empty();
}

void settle(evaluate::Outcome& outcome, const RuleProof& proof) {
  if (outcome.verdict == evaluate::Verdict::undetermined) {
    if (proof.answer != Answer::proved) return;
    outcome.verdict = evaluate::Verdict::holds;
    outcome.why.clear();
    outcome.holes.clear();
    outcome.unknown.clear();
    outcome.records += outcome.undecided;
    outcome.undecided = 0;
    return;
  }
  const bool holds = outcome.verdict == evaluate::Verdict::holds;
  if (proof.late) return;
  if (holds && proof.answer == Answer::unknown) {
    outcome.verdict = evaluate::Verdict::undetermined;
    outcome.why = "evaluated as true, but not proved: " + proof.reason;
  } else if (holds && proof.answer == Answer::refuted) {
    outcome.verdict = evaluate::Verdict::undetermined;
    outcome.why = "internal error: evaluate finds that it holds, the solver refutes it: " + proof.reason;
  } else if (!holds && proof.answer == Answer::proved) {
    outcome.verdict = evaluate::Verdict::undetermined;
    outcome.why = "internal error: evaluate finds it violated, the solver proves it";
  }
}

// A rule, and what becomes of it.
struct Task {
  evaluate::Outcome* outcome;
  RuleProof* proof;
};

// Large rules first, so that the last thread is not left alone with one.
std::vector<Task> tasks_of(const walk::World& world, const std::set<uint32_t>& rules,
                           evaluate::Judgement& judgement, Proof& proof) {
  std::vector<evaluate::Outcome*> outcomes;
  for (evaluate::Outcome& outcome : judgement.outcomes) {
    const bool judged = outcome.verdict == evaluate::Verdict::holds ||
                        (outcome.verdict == evaluate::Verdict::violated && outcome.exempt == 0) ||
                        may_hold_anyway(world, outcome);
    if (judged && rules.count(outcome.rule) != 0) outcomes.push_back(&outcome);
  }
  proof.rules.resize(outcomes.size());
  std::vector<Task> tasks;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    proof.rules[i].rule = outcomes[i]->rule;
    tasks.push_back({outcomes[i], &proof.rules[i]});
  }
  std::stable_sort(tasks.begin(), tasks.end(),
                   [](const Task& a, const Task& b) { return a.outcome->records > b.outcome->records; });
  return tasks;
}

// What the threads share.
struct Queue {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  size_t finished = 0;  // the rest: under the mutex
  std::string failure;  // what the solver threw first

  void done(const Options& options, size_t of) {
    const std::lock_guard lock(mutex);
    ++finished;
    if (options.progress) options.progress(finished, of);
  }
};

// One thread's share: the next task that no other took, until none is left.
void work(const walk::World& world, const Options& options, const FactsOptions& facts_options,
          const std::vector<Task>& tasks, Queue& queue) {
  Solver solver(options.steps, options.smt2);
  Solver hasty(std::min(options.steps, kStepsOnPartial), "");
  for (size_t i = queue.next++; i < tasks.size(); i = queue.next++) {
    RuleProof& one = *tasks[i].proof;
    one.late = facts_options.deadline && Clock::now() > *facts_options.deadline;
    if (one.late) continue;
    const pack::Rule& rule = world.model->rules[one.rule];
    const bool partial = tasks[i].outcome->verdict == evaluate::Verdict::undetermined;
    Facts facts(facts_options, partial ? hasty : solver, rule.id);
    Certifier certifier(world, rule.claim, facts);
    certifier.run();
    const Reply reply = facts.finish();
    one.answer = reply.answer;
    one.reason = reply.reason;
    one.late = facts.late();
    one.tally = facts.tally();
    queue.done(options, tasks.size());
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
    certificate.emplace(TRY(output::File::create(options.certificate)));
    facts_options.certificate = &*certificate;
  }

  CheckProofs proofs(world.model->page_size, &ProvedObligations::shipped());
  facts_options.proofs = &proofs;
  facts_options.audit = options.smt2.empty() ? options.audit : 1;

  Proof proof;
  const std::vector<Task> tasks = tasks_of(world, rules, judgement, proof);
  Queue queue;
  const unsigned count =
      std::max(1U, options.threads != 0 ? options.threads : std::thread::hardware_concurrency());
  // What the solver throws ends the proof, not the process.
  const auto guarded = [&] {
    try {
      work(world, options, facts_options, tasks, queue);
    } catch (const std::exception& error) {
      const std::lock_guard lock(queue.mutex);
      if (queue.failure.empty()) queue.failure = error.what();
      queue.next = tasks.size();
    }
  };
  std::vector<std::thread> threads;
  try {
    for (unsigned i = 1; i < count; ++i) threads.emplace_back(guarded);
  } catch (const std::system_error&) {
    // No more threads are to be had: those that there are do the work.
  }
  guarded();
  for (std::thread& thread : threads) thread.join();
  if (!queue.failure.empty()) {
    return fail("the solver", "cannot go on: " + queue.failure,
                "give it more memory, or judge without a proof: --no-prove");
  }
  if (certificate) TRY(certificate->commit());

  for (const Task& task : tasks) {
    settle(*task.outcome, *task.proof);
    proof.tally.add(task.proof->tally);
  }
  proof.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return proof;
}

}  // namespace khover::prove
