// Column programs: a typed expression, computed for a batch of records at a time.
// Three-valued: a value that depends on absent bytes is unknown.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "pack/model.h"
#include "walk/vm/program.h"
#include "walk/world.h"

namespace khover::walk {

constexpr uint32_t kBatch = 1024;  // rows; the lanes of one batch stay in the L2 cache

struct Lane {
  std::vector<pack::Integer> values;  // booleans: 0 or 1; strings: StringTable ids
  std::vector<uint8_t> known;
  void resize(size_t n) {
    values.resize(n);
    known.assign(n, 1);
  }
};

// Values of Claim::terms, which other sets decide. One call a batch.
class TermSource {
 public:
  virtual ~TermSource() = default;
  virtual void values(uint32_t term, std::span<const uint32_t> rows, Lane& out) const = 0;
};

class Columns {
 public:
  explicit Columns(const World& world) : world_(world) {}

  // Where the values of terms come from; null when the claim has none.
  void use_terms(const TermSource* terms) { terms_ = terms; }

  // `rows` of `set`, ascending, at most kBatch of them. `expr` is compiled when first seen and must
  // outlive this object. kNone and no rows: an expression
  // without columns, computed once (out has one value).
  void evaluate(const pack::Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out);

  // For one record.
  struct Value {
    pack::Integer value = 0;
    bool known = true;
  };
  Value evaluate(const pack::Expr& expr, uint32_t set, uint32_t row);
  Value column(uint32_t set, uint32_t column, uint32_t row);

  // While set, every absent address that a read runs into is appended.
  void trace_holes(std::vector<uint64_t>* holes) { holes_ = holes; }

 private:
  class Borrowed;
  void read_column(uint32_t set, uint32_t column, std::span<const uint32_t> rows, Lane& out);
  void read_stored(const RecordSet& set, const pack::Column& column, std::span<const uint32_t> rows,
                   Lane& out);
  void read_fdt(const RecordSet& set, const pack::Column& column, std::span<const uint32_t> rows, Lane& out);
  void read_keys(const RecordSet& set, const pack::Column& column, std::span<const uint32_t> rows, Lane& out);
  void read_text(const RecordSet& set, const pack::Column& column, std::span<const uint32_t> rows, Lane& out);
  void leaf(const pack::Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out);
  void call(const pack::Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out);
  struct Register {
    std::vector<uint64_t> narrow;  // of the two, the one that its instruction says
    std::vector<pack::Integer> wide;
    std::vector<uint8_t> known;
  };
  void run(const Program& program, uint32_t set, std::span<const uint32_t> rows, size_t n, Lane& out);
  void execute(const Instruction& instruction, size_t first, uint32_t set, std::span<const uint32_t> rows,
               size_t n, Register& out);
  static void decide(const Register& a, const Register& b, bool negate_left, uint64_t deciding,
                     Register& out);
  bool read_bytes(uint64_t address, std::span<std::byte> out);

  const World& world_;
  const TermSource* terms_ = nullptr;
  std::vector<uint64_t>* holes_ = nullptr;
  std::vector<std::unique_ptr<Lane>> spare_;
  std::unordered_map<const pack::Expr*, Program> programs_;
  std::vector<std::unique_ptr<Register>> registers_;  // of the programs that are running, innermost last
  size_t used_ = 0;
};

// Whether [start, start + length) is in one of the sorted, disjoint ranges.
bool inside(const std::vector<image::Range>& ranges, pack::Integer start, pack::Integer length);

}  // namespace khover::walk
