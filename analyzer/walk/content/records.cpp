#include <algorithm>
#include <array>
#include <cstring>

#include "walk/content/read.h"

namespace khover::walk {
namespace {

using pack::Column;
using pack::ColumnKind;
using pack::Integer;

Integer bits_of(const std::byte* bytes, size_t available, const Column& column) {
  unsigned __int128 raw = 0;
  std::memcpy(&raw, bytes, std::min<size_t>(available, sizeof raw));
  raw >>= column.bit_offset;
  const unsigned __int128 mask = (static_cast<unsigned __int128>(1) << column.bits) - 1;
  raw &= mask;
  if (column.is_signed && (raw >> (column.bits - 1) & 1) != 0) {
    return static_cast<Integer>(raw) - (Integer{1} << column.bits);
  }
  return static_cast<Integer>(raw);
}

size_t bytes_of(const Column& column) { return (column.bit_offset + column.bits + 7) / 8; }

template <typename Word>
void copy_words(const Extent& extent, uint64_t stride, uint64_t offset, std::span<const uint32_t> rows,
                Integer* out) {
  const std::byte* base = extent.bytes + offset;
  for (size_t i = 0; i < rows.size(); ++i) {
    Word word;
    std::memcpy(&word, base + uint64_t{rows[i] - extent.first_row} * stride, sizeof word);
    out[i] = static_cast<Integer>(word);
  }
}

// Rows of one extent, of which the first is rows[from] of all.
void read_fields(const Reading& reading, const Extent& extent, std::span<const uint32_t> rows, size_t from,
                 Lane& out) {
  const Column& column = reading.column;
  const uint64_t stride = reading.set.type->stride;
  Integer* values = out.values.data() + from;
  if (extent.bytes && column.bit_offset == 0 && !column.is_signed) {
    if (column.bits == 64) return copy_words<uint64_t>(extent, stride, column.offset, rows, values);
    if (column.bits == 32) return copy_words<uint32_t>(extent, stride, column.offset, rows, values);
    if (column.bits == 16) return copy_words<uint16_t>(extent, stride, column.offset, rows, values);
    if (column.bits == 8) return copy_words<uint8_t>(extent, stride, column.offset, rows, values);
  }
  const size_t size = bytes_of(column);
  if (extent.bytes && size == 8 && !column.is_signed && column.bit_offset + column.bits <= 64) {
    copy_words<uint64_t>(extent, stride, column.offset, rows, values);
    const uint64_t mask = column.bits == 64 ? ~uint64_t{0} : (uint64_t{1} << column.bits) - 1;
    for (size_t i = 0; i < rows.size(); ++i)
      values[i] = static_cast<Integer>(static_cast<uint64_t>(values[i]) >> column.bit_offset & mask);
    return;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint64_t at = uint64_t{rows[i] - extent.first_row} * stride + column.offset;
    if (extent.bytes) {
      values[i] = bits_of(extent.bytes + at, size, column);
      continue;
    }
    std::array<std::byte, 16> bytes{};
    const bool known = reading.read(extent.address + at, std::span(bytes).first(size));
    values[i] = known ? bits_of(bytes.data(), size, column) : 0;
    out.known[from + i] = known;
  }
}

}  // namespace

void read_own(const Reading& reading, const Records&, std::span<const uint32_t> rows, Lane& out) {
  if (reading.column.kind == ColumnKind::number) {
    for (size_t i = 0; i < rows.size(); ++i)
      out.values[i] = static_cast<Integer>(reading.set.number(rows[i], reading.column.which));
    return;
  }
  by_extent(reading.set, rows, [&](const Extent& extent, size_t from, std::span<const uint32_t> part) {
    read_fields(reading, extent, part, from, out);
  });
}

bool read_text(const Reading& reading, const Records&, uint32_t row, std::vector<std::byte>& out) {
  out.resize(reading.column.length);
  return reading.read(reading.set.address_of(row) + reading.column.offset, out);
}

Place place_of(const Reading& reading, const Records&, uint32_t row) {
  const Column& column = reading.column;
  const bool text = is_of_text(column.kind);
  if (!text && column.kind != ColumnKind::integer) return {};
  return {reading.set.address_of(row) + column.offset, text ? column.length : bytes_of(column)};
}

}  // namespace khover::walk
