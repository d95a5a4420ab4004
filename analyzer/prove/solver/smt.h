// A small layer of our own over the solver. Queries have names, answers are an enum, and the
// same query has the same answer on every machine: the seed is fixed and work is bounded by
// solver steps, never by a clock. Only analyzer/prove includes this header.
#pragma once

#include <z3++.h>

#include <cstdint>
#include <string>

#include "prove/solver/answer.h"

namespace khover::prove {

struct SmtOptions {
  unsigned steps = 40'000'000;  // rlimit of one query: some seconds
  std::string folder;           // where each query is written as SMT-LIB; empty: nowhere
};

// Z3 does not survive an allocation that fails while it sets up a context: throws z3::exception if there is
// no room for one. Whoever makes a context calls it before.
void require_room();

class Smt {
 public:
  explicit Smt(SmtOptions options = {});
  Smt(const Smt&) = delete;
  Smt& operator=(const Smt&) = delete;

  z3::context& context() { return context_; }

  // Whether `claim` holds for all values of its variables.
  Reply holds(const std::string& name, const z3::expr& claim, const char* logic = "QF_BV");
  // holds(), given up after `steps`. Written to the folder only if proved: who asks has another way.
  Reply holds_if_easy(const std::string& name, const z3::expr& claim, unsigned steps);
  // Whether some values of its variables make `claim` true. proved: there are, and `reason` names them.
  Reply possible(const std::string& name, const z3::expr& claim, const char* logic = "QF_BV");
  // The same as holds() for a claim about constants: what the solver's rewriter leaves is little.
  Reply holds_ground(const std::string& name, const z3::expr& negated);

  const Tally& tally() const { return tally_; }

 private:
  z3::check_result check(z3::solver& solver, unsigned steps, std::string& reason);
  void dump(const std::string& name, z3::solver& solver, const char* expected, const char* logic);

  SmtOptions options_;
  z3::context context_;
  Tally tally_;
};

}  // namespace khover::prove
