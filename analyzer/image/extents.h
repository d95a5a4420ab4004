// Which bytes of a file exist. A file may be larger than what was ever written to it; the rest costs
// nothing to declare, so it must cost nothing to read.
#pragma once

#include <cstdint>
#include <vector>

namespace khover::image {

struct FileRange {
  uint64_t offset = 0;
  uint64_t length = 0;  // bytes; offset + length does not wrap
  uint64_t end() const { return offset + length; }
};

class Extents {
 public:
  Extents() = default;
  // In any order; they may overlap.
  explicit Extents(std::vector<FileRange> ranges);

  // Of an open file, as its file system has it; all of it where that does not say.
  static Extents of(int file, uint64_t size);

  uint64_t bytes() const { return before_.empty() ? 0 : before_.back(); }
  // How many of [offset, offset + length) exist. Logarithmic.
  uint64_t bytes_in(uint64_t offset, uint64_t length) const;
  bool has_all(uint64_t offset, uint64_t length) const { return bytes_in(offset, length) == length; }
  // Those of [offset, offset + length), by offset.
  std::vector<FileRange> within(uint64_t offset, uint64_t length) const;

 private:
  uint64_t bytes_before(uint64_t offset) const;

  std::vector<FileRange> ranges_;  // sorted, disjoint, adjacent ones joined
  std::vector<uint64_t> before_;   // [i]: bytes of the ranges up to and with i
};

}  // namespace khover::image
