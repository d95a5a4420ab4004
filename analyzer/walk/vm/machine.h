// Runs column programs over a batch of rows: one register for each instruction, one lane of values for
// each register. It computes with machine words; that these words are what the expression means in the
// integers is shown for each program by prove/formula/translation.h. evaluate runs the programs of claims
// on it, prove those of local checks: it is the one piece that both engines trust.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pack/model.h"
#include "walk/vm/program.h"

namespace khover::walk {

struct Lane {
  std::vector<pack::Integer> values;  // booleans: 0 or 1; strings: StringTable ids
  std::vector<uint8_t> known;         // three-valued: 0 where the value depends on absent bytes
  void resize(size_t n) {
    values.resize(n);
    known.assign(n, 1);
  }
};

// What no instruction computes: columns, facts, terms, and functions that read memory.
class LeafSource {
 public:
  virtual ~LeafSource() = default;
  // Fills one value for each row of the batch. May run programs on the same machine.
  virtual void load(const pack::Expr& expr, Lane& lane) = 0;
};

class Machine {
 public:
  // `n` rows. `out` is the value of the last instruction.
  void run(const Program& program, size_t n, LeafSource& leaves, Lane& out);

 private:
  struct Register {
    std::vector<uint64_t> narrow;  // of the two, the one that its instruction says
    std::vector<pack::Integer> wide;
    std::vector<uint8_t> known;
  };
  void execute(const Instruction& instruction, size_t first, size_t n, LeafSource& leaves, Register& out);
  void load(const pack::Expr& expr, Width width, LeafSource& leaves, Register& out);
  static void choose(const Register& condition, const Register& yes, const Register& no, bool is_wide,
                     Register& out);
  static void compute_pair(const Instruction& instruction, const Register& a, const Register& b,
                           Register& out);
  static void decide(const Register& a, const Register& b, bool negate_left, uint64_t deciding,
                     Register& out);
  Lane take_lane();

  std::vector<std::unique_ptr<Register>> registers_;  // of the programs that are running, innermost last
  size_t used_ = 0;
  std::vector<Lane> spare_;
};

}  // namespace khover::walk
