// Columns of rows, by what the rows are. One overload for each alternative of Content, in content/NAME.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "walk/vm/machine.h"
#include "walk/world.h"

namespace khover::walk {

// Where a column's bytes are in the image.
struct Place {
  uint64_t address = 0;  // physical
  uint64_t size = 0;     // bytes; 0: none, the column is no field
};

// One column of one set, as it is read.
struct Reading {
  const World& world;
  const RecordSet& set;
  const pack::Column& column;
  std::vector<uint64_t>* holes = nullptr;  // is given every absent address that a read runs into; may be null

  bool read(uint64_t address, std::span<std::byte> out) const;
};

// A column that no other content has, or a field: kinds integer and number; node; key. `out` has a value for
// each of `rows`.
void read_own(const Reading& reading, const Records& records, std::span<const uint32_t> rows, Lane& out);
void read_own(const Reading& reading, const Nodes& nodes, std::span<const uint32_t> rows, Lane& out);
void read_own(const Reading& reading, const Keys& keys, std::span<const uint32_t> rows, Lane& out);

// The bytes of a text column, to the end of its buffer. False: they are absent.
bool read_text(const Reading& reading, const Records& records, uint32_t row, std::vector<std::byte>& out);
bool read_text(const Reading& reading, const Nodes& nodes, uint32_t row, std::vector<std::byte>& out);
bool read_text(const Reading& reading, const Keys& keys, uint32_t row, std::vector<std::byte>& out);

Place place_of(const Reading& reading, const Records& records, uint32_t row);
Place place_of(const Reading& reading, const Nodes& nodes, uint32_t row);
Place place_of(const Reading& reading, const Keys& keys, uint32_t row);
Place place_of(const World& world, const RecordSet& set, const pack::Column& column, uint32_t row);

// rows[from, …) that are in one extent, which is found once for all of them.
template <typename Visit>
void by_extent(const RecordSet& set, std::span<const uint32_t> rows, Visit visit) {
  size_t from = 0;
  while (from < rows.size()) {
    const Extent& extent = set.extent_of(rows[from]);
    size_t to = from + 1;
    const uint64_t end = uint64_t{extent.first_row} + extent.count;
    while (to < rows.size() && rows[to] < end && rows[to] >= extent.first_row) ++to;
    visit(extent, from, rows.subspan(from, to - from));
    from = to;
  }
}

}  // namespace khover::walk
