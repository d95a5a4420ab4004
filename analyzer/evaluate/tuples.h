// Tuples of column values, as keys of hash joins and sorts.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "walk/vm/columns.h"

namespace khover::evaluate {

using pack::kMaxTuple;

struct Tuple {
  std::array<pack::Integer, kMaxTuple> values{};
  friend bool operator==(const Tuple&, const Tuple&) = default;
  friend bool operator<(const Tuple& a, const Tuple& b) { return a.values < b.values; }
};

struct TupleHash {
  size_t operator()(const Tuple& tuple) const {
    uint64_t hash = 0x9e3779b97f4a7c15;
    for (const pack::Integer value : tuple.values) {
      for (const uint64_t word : {static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64)}) {
        hash = (hash ^ word) * 0xff51afd7ed558ccd;
        hash ^= hash >> 32;
      }
    }
    return hash;
  }
};

// The tuples of a batch; known[i] is 0 where one of the values is unknown.
struct TupleBatch {
  std::vector<Tuple> tuples;
  std::vector<uint8_t> known;
};
void read_tuples(walk::Columns& columns, const std::vector<pack::ExprPtr>& exprs, uint32_t set,
                 std::span<const uint32_t> rows, TupleBatch& out);

}  // namespace khover::evaluate
