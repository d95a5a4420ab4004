// A typed expression as a flat list of instructions, each of which fills one register for a
// batch of rows. A register is 64 bits wide and unsigned where its interval fits there, else
// 128 bits and signed. What the instructions compute with wrap-around is what the expression
// says in the integers: prove/formula/translation.h shows it for each instruction.
#pragma once

#include <cstdint>
#include <vector>

#include "pack/model.h"

namespace khover::walk {

enum class Width : uint8_t { bits64, bits128 };

enum class Code : uint8_t {
  load,  // column, fact, term, or a function that reads memory
  constant,
  widen,   // 64 → 128 bits
  narrow,  // 128 → 64 bits
  add,
  subtract,
  multiply,
  divide,
  modulo,
  shift_left,
  shift_right,
  bit_and,
  bit_or,
  equal,
  not_equal,
  less,
  less_equal,
  both,
  either,
  implies,
  negate,
  select,
  minimum,
  maximum,
  pages,
  order_of,
  is_version,
};

struct Instruction {
  Code code = Code::load;
  Width width = Width::bits64;     // of the operands; load, constant: of the result
  uint32_t a = 0, b = 0, c = 0;    // registers: earlier instructions
  pack::Integer value = 0;         // constant; pages, order_of: the page size
  const pack::Expr* of = nullptr;  // what this register holds
};

struct Program {
  std::vector<Instruction> code;  // the last one is the result
};

// Whether every value of the interval fits an unsigned 64-bit register.
Width width_for(const pack::Interval& range);
// Of the register that an instruction fills.
Width result_width(const Instruction& instruction);

// Constants are folded; equal subexpressions are not looked for.
Program compile(const pack::Expr& expr, uint64_t page_size);

}  // namespace khover::walk
