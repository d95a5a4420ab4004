// Values of records, read from the bytes a second time.
//
// This is deliberately a second implementation of walk/content/ and walk/vm/functions.cpp, and shares no code
// with them: what the solver is told of an image does not pass through the engine that it checks. Do not
// merge the two. It relies on the walk only for where records are (extents, cells of device trees, bitmaps).
// The other pairs of this kind are named in docs/architecture.md.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "prove/formula/local_check.h"
#include "walk/world.h"

namespace khover::prove {

class Reader {
 public:
  explicit Reader(const walk::World& world) : world_(world) {}

  using Rows = std::array<uint32_t, kSides>;  // of the sides' records

  // The values of all variables of a check for the given records. Terms and stated numbers are
  // left as they are in `values`, which is resized; the caller fills them in beforehand or after.
  void read(const Check& check, const Rows& rows, const std::array<uint32_t, kSides>& sets,
            std::vector<Value>& values);

  Value column(uint32_t set, uint32_t column, uint32_t row);

  // The string that a value of a text column represents; empty: none that was read.
  std::string text(Integer number) const {
    return number >= 0 && number < static_cast<Integer>(texts_.size()) ? texts_[static_cast<size_t>(number)]
                                                                       : "";
  }

 private:
  Value stored(const walk::RecordSet& set, const pack::Column& column, uint32_t row);
  // One for each alternative of walk::Content: one that is missing does not compile.
  Value own(const walk::RecordSet& set, const walk::Records& records, const pack::Column& column,
            uint32_t row);
  Value own(const walk::RecordSet& set, const walk::Nodes& nodes, const pack::Column& column, uint32_t row);
  Value own(const walk::RecordSet& set, const walk::Keys& keys, const pack::Column& column, uint32_t row);
  uint64_t key_of(const walk::Keys& keys, uint32_t row);
  Value place(const walk::RecordSet& set, const pack::Column& column, uint32_t row);
  Value text(const walk::RecordSet& set, const pack::Column& column, uint32_t row);
  Value function(const pack::Expr& expr, const std::vector<Value>& args);
  bool bytes(uint64_t address, size_t size, std::vector<std::byte>& out) const;
  Integer text_number(const std::string& text);

  const walk::World& world_;
  std::unordered_map<std::string, Integer> numbers_;
  std::vector<std::string> texts_;

  static constexpr uint64_t kBlock = 64;  // bytes of a bitmap
  const std::vector<uint32_t>& ranks_of(const walk::Leaf& leaf);
  std::unordered_map<const walk::Leaf*, std::vector<uint32_t>> ranks_;
};

}  // namespace khover::prove
