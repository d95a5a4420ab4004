// Column programs: a typed expression, computed for a batch of records at a time.
// Three-valued: a value that depends on absent bytes is unknown.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "pack/model.h"
#include "walk/vm/machine.h"
#include "walk/world.h"

namespace khover::walk {

constexpr uint32_t kBatch = 1024;  // rows; the lanes of one batch stay in the L2 cache

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
  void read_above(const pack::Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out);
  Value fact(pack::FactName name) const;
  void leaf(const pack::Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out);
  void call(const pack::Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out);
  void is_served(const pack::Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out);
  Value call(pack::Function function, pack::Integer a, pack::Integer b);
  Value is_zero(pack::Integer from, pack::Integer to);
  void run(const Program& program, uint32_t set, std::span<const uint32_t> rows, size_t n, Lane& out);

  const World& world_;
  const TermSource* terms_ = nullptr;
  std::vector<uint64_t>* holes_ = nullptr;
  std::vector<std::unique_ptr<Lane>> spare_;
  std::unordered_map<const pack::Expr*, Program> programs_;
  Machine machine_;
};

// Whether [start, start + length) is in one of the sorted, disjoint ranges.
bool inside(const std::vector<image::Range>& ranges, pack::Integer start, pack::Integer length);

}  // namespace khover::walk
