#include "prove/solver/smt.h"

#include <sys/mman.h>

#include <chrono>

#include "output/file.h"
#include "output/standard.h"

namespace khover::prove {
namespace {

// Any constant does; a fixed one makes runs repeat.
constexpr unsigned kSeed = 20261;

std::string file_name(const std::string& name) {
  std::string out;
  for (const char c : name)
    out += (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.') ? c : '_';
  return out;
}

std::string values_of(const z3::model& model) {
  std::string text;
  for (unsigned i = 0; i < model.num_consts(); ++i) {
    const z3::func_decl variable = model.get_const_decl(i);
    const z3::expr value = model.get_const_interp(variable);
    text += (text.empty() ? "" : ", ") + variable.name().str() + " = ";
    text += value.to_string();
  }
  return text;
}

}  // namespace

const char* to_string(Answer answer) {
  switch (answer) {
    case Answer::proved:
      return "proved";
    case Answer::refuted:
      return "refuted";
    case Answer::unknown:
      return "unknown";
  }
  return "";
}

void require_room() {
  constexpr size_t kRoom = size_t{128} << 20;  // bytes; a context and the queries of most rules take less
  void* const room =
      ::mmap(nullptr, kRoom, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) throw z3::exception("the solver needs 128 MiB of memory, and there is less");
  ::munmap(room, kRoom);
}

Smt::Smt(SmtOptions options) : options_((require_room(), std::move(options))) {}

void Smt::dump(const std::string& name, z3::solver& solver, const char* expected, const char* logic) {
  if (options_.folder.empty()) return;
  const std::string text = "; khover obligation: " + name + "\n; expected: " + expected + "\n(set-logic " +
                           logic + ")\n(set-info :status " + expected + ")\n" + solver.to_smt2();
  const auto written = output::write_file(options_.folder + "/" + file_name(name) + ".smt2", text);
  if (!written) output::fail_later(written.error());
}

z3::check_result Smt::check(z3::solver& solver, unsigned steps, std::string& reason) {
  z3::params params(context_);
  params.set("random_seed", kSeed);
  params.set("rlimit", steps);
  solver.set(params);
  ++tally_.queries;
  const auto start = std::chrono::steady_clock::now();
  const z3::check_result result = solver.check();
  tally_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (result == z3::unknown) reason = solver.reason_unknown();
  if (result == z3::sat) reason = values_of(solver.get_model());
  return result;
}

namespace {

Answer answer_of(z3::check_result result, z3::check_result good) {
  if (result == z3::unknown) return Answer::unknown;
  return result == good ? Answer::proved : Answer::refuted;
}

}  // namespace

Reply Smt::holds(const std::string& name, const z3::expr& claim, const char* logic) {
  try {
    z3::solver solver(context_, logic);
    solver.add(!claim);
    dump(name, solver, "unsat", logic);
    Reply reply;
    reply.answer = answer_of(check(solver, options_.steps, reply.reason), z3::unsat);
    return reply;
  } catch (const z3::exception& error) {
    return {Answer::unknown, error.msg()};
  }
}

Reply Smt::holds_if_easy(const std::string& name, const z3::expr& claim, unsigned steps) {
  try {
    z3::solver solver(context_, "QF_BV");
    solver.add(!claim);
    Reply reply;
    reply.answer = answer_of(check(solver, steps, reply.reason), z3::unsat);
    if (reply.answer == Answer::proved) dump(name, solver, "unsat", "QF_BV");
    return reply;
  } catch (const z3::exception& error) {
    return {Answer::unknown, error.msg()};
  }
}

Reply Smt::possible(const std::string& name, const z3::expr& claim, const char* logic) {
  try {
    z3::solver solver(context_, logic);
    solver.add(claim);
    dump(name, solver, "sat", logic);
    Reply reply;
    reply.answer = answer_of(check(solver, options_.steps, reply.reason), z3::sat);
    return reply;
  } catch (const z3::exception& error) {
    return {Answer::unknown, error.msg()};
  }
}

Reply Smt::holds_ground(const std::string& name, const z3::expr& negated) {
  try {
    z3::solver solver(context_, z3::solver::simple());
    solver.add(negated);
    dump(name, solver, "unsat", "QF_BV");
    Reply reply;
    reply.answer = answer_of(check(solver, options_.steps, reply.reason), z3::unsat);
    return reply;
  } catch (const z3::exception& error) {
    return {Answer::unknown, error.msg()};
  }
}

}  // namespace khover::prove
