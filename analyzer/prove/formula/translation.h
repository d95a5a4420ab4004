// Translation validation of column programs, as Alive2 does it for a compiler: each instruction
// computes, with its machine word and its wrap-around, what the expression that it represents
// means in the integers, for all operands that the operands' intervals allow; and the result
// stays in its interval. By induction over the program, so does the whole.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "prove/formula/proved_obligations.h"
#include "prove/solver/answer.h"
#include "walk/vm/program.h"

namespace khover::prove {

class Translation {
 public:
  // `shipped`: obligations that need not be asked again; null: every one is. Must outlive this.
  explicit Translation(uint64_t page_size, const std::string& smt2 = "",
                       const ProvedObligations* shipped = nullptr);
  ~Translation();
  Translation(const Translation&) = delete;
  Translation& operator=(const Translation&) = delete;

  // Whether `program` computes `expr`. The compiler is not trusted: what each register holds is checked.
  Reply holds(const pack::Expr& expr, const walk::Program& program);

  pack::Integer page_size() const;       // bytes
  std::set<std::string> proved() const;  // contents of all obligations that the solver has proved here
  uint64_t instructions() const { return instructions_; }  // seen
  const Tally& tally() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  uint64_t instructions_ = 0;
};

// Every expression of a model's claims, sets and derived columns, with a name for reports.
std::vector<std::pair<std::string, pack::ExprPtr>> expressions(const pack::Model& model);

}  // namespace khover::prove
