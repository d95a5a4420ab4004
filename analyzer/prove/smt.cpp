#include "prove/smt.h"

#include <chrono>
#include <fstream>

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

Smt::Smt(SmtOptions options) : options_(std::move(options)) {}

void Smt::dump(const std::string& name, z3::solver& solver, const char* expected, const char* logic) {
  if (options_.folder.empty()) return;
  std::ofstream file(options_.folder + "/" + file_name(name) + ".smt2");
  file << "; khover obligation: " << name << "\n; expected: " << expected << "\n(set-logic " << logic
       << ")\n(set-info :status " << expected << ")\n"
       << solver.to_smt2();
}

z3::check_result Smt::check(const std::string& name, z3::solver& solver, const char* expected,
                            std::string& reason, const char* logic) {
  z3::params params(context_);
  params.set("random_seed", kSeed);
  params.set("rlimit", options_.steps);
  solver.set(params);
  dump(name, solver, expected, logic);
  ++tally_.queries;
  const auto start = std::chrono::steady_clock::now();
  const z3::check_result result = solver.check();
  tally_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (result == z3::unknown) reason = solver.reason_unknown();
  if (result == z3::sat) reason = values_of(solver.get_model());
  return result;
}

Reply Smt::holds(const std::string& name, const z3::expr& claim, const char* logic) {
  try {
    z3::solver solver(context_, logic);
    solver.add(!claim);
    Reply reply;
    const auto result = check(name, solver, "unsat", reply.reason, logic);
    reply.answer = result == z3::unsat ? Answer::proved
                   : result == z3::sat ? Answer::refuted
                                       : Answer::unknown;
    return reply;
  } catch (const z3::exception& error) {
    return {Answer::unknown, error.msg()};
  }
}

Reply Smt::possible(const std::string& name, const z3::expr& claim) {
  try {
    z3::solver solver(context_, "QF_BV");
    solver.add(claim);
    Reply reply;
    const auto result = check(name, solver, "sat", reply.reason);
    reply.answer = result == z3::sat     ? Answer::proved
                   : result == z3::unsat ? Answer::refuted
                                         : Answer::unknown;
    return reply;
  } catch (const z3::exception& error) {
    return {Answer::unknown, error.msg()};
  }
}

Reply Smt::holds_ground(const std::string& name, const z3::expr& negated) {
  try {
    z3::solver solver(context_, z3::solver::simple());
    solver.add(negated);
    Reply reply;
    const auto result = check(name, solver, "unsat", reply.reason);
    reply.answer = result == z3::unsat ? Answer::proved
                   : result == z3::sat ? Answer::refuted
                                       : Answer::unknown;
    return reply;
  } catch (const z3::exception& error) {
    return {Answer::unknown, error.msg()};
  }
}

}  // namespace khover::prove
