// A local check as a column program. The formula of a check says what must hold of the values that one
// fact is about; compiled once, it runs over the facts of an image in batches, on the machine that runs
// the programs of evaluate (walk/vm/machine.h). Its answers count because the solver has shown, for all
// values of the variables in their intervals, that the program computes the formula (formula/translation.h).
#pragma once

#include <memory>
#include <vector>

#include "prove/formula/local_check.h"
#include "prove/formula/translation.h"
#include "walk/vm/machine.h"

namespace khover::prove {

class Checker {
 public:
  // `check` need not outlive this. Nothing is proved yet.
  explicit Checker(const Check& check);

  // Whether the program computes the formula. Where not, or where the solver gives up, the program must not
  // be run: facts go to the solver itself.
  Reply prove(Translation& translation) const;

  enum class Found : uint8_t { fails, holds, unknown };  // unknown: values that nobody knows decide
  // `variables`: a lane for each variable of the check, each of `facts` values, all in their intervals.
  void run(const std::vector<walk::Lane>& variables, size_t facts, std::vector<Found>& found);

  // For tests that a wrong program is not proved.
  walk::Program& program() { return program_; }

 private:
  FormulaPtr formula_;
  pack::ExprPtr expr_;  // the formula in the terms of the compiler; program_ points into it
  walk::Program program_;
  walk::Machine machine_;
  walk::Lane result_;
};

}  // namespace khover::prove
