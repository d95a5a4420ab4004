// Expressions of the rule language, every name resolved and every value typed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pack/syntax.h"

namespace khover::pack {

constexpr uint32_t kNone = 0xffffffff;
constexpr Integer kMaxU64 = (Integer{1} << 64) - 1;

enum class Type { integer, boolean, text };

// Least and greatest value that an expression can have. Inferred so that nothing
// wraps: every operation is exact in the integers, in 128 bits.
struct Interval {
  Integer low = 0;
  Integer high = 0;
};

enum class Op {
  constant,
  column,
  fact,
  call,
  term,
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
  logical_and,
  logical_or,
  implies,
  logical_not,
};
// A comparison or a connective: its value is 0 or 1. What is none has an interval of its own.
bool is_condition(Op op);

enum class Function {
  zero,       // zero(a, b): the bytes [a, b) are all 0
  key_order,  // key_order(phys): order of the least key that begins at phys; -1 without one
  known,      // known("registry", text): the next kernel knows it: the stated target, else a pack that serves
              // it; undecided when it is newer than every served one
  served,     // served("registry", text): a pack serves it
  in_known_ram,  // in_known_ram(phys, bytes): inside RAM, as far as the RAM map is known
  order_of,      // order_of(bytes): get_order(): least n with PAGE_SIZE << n >= bytes
  pages,         // pages(bytes): bytes / PAGE_SIZE, rounded up
  is_version,    // is_version(number, known): equal; undecided when it is newer
  stem,          // stem(text): without its trailing digits
  select,        // if(condition, a, b)
  minimum,       // min(a, b)
  maximum,       // max(a, b)
};

enum class FactName { root_address, scratch_address, scratch_size };

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Expr {
  Op op = Op::constant;
  Type type = Type::integer;
  Interval range;
  Position at;
  std::string source;       // as written
  Integer value = 0;        // constant integer or boolean
  std::string text;         // constant text; known: the registry
  uint32_t hops = 0;        // column: how many parents up
  uint32_t set = kNone;     // column: the set reached after those hops
  uint32_t column = kNone;  // column
  FactName fact = FactName::root_address;
  Function function = Function::zero;
  uint32_t term = kNone;  // index into Claim::terms
  std::vector<ExprPtr> args;
};

}  // namespace khover::pack
