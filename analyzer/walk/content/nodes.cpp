#include <algorithm>
#include <cstring>

#include "walk/content/read.h"

namespace khover::walk {

using pack::Column;
using pack::Integer;
using pack::NodeColumn;

namespace {

// A property that is absent or too short has no value; rules check its length first.
Integer value_of(const World& world, const FdtRow& row, const Column& column) {
  const FdtCell& cell = row.cells[column.property];
  const uint64_t size = column.bits / 8;
  if (cell.bytes < static_cast<int64_t>(size)) return 0;
  uint64_t value = 0;
  const FdtBlob& blob = world.blobs[row.blob];
  std::memcpy(&value, blob.bytes.data() + (cell.address - blob.address), size);  // native-endian, unaligned
  return static_cast<Integer>(value);
}

Place text_of(const FdtRow& row, const Column& column) {
  if (column.property == kNone) return {row.name_address, row.name_length};
  const FdtCell& cell = row.cells[column.property];
  return {cell.address, static_cast<uint64_t>(std::max<int64_t>(cell.bytes, 0))};
}

}  // namespace

void read_own(const Reading& reading, const Nodes& nodes, std::span<const uint32_t> rows, Lane& out) {
  const Column& column = reading.column;
  for (size_t i = 0; i < rows.size(); ++i) {
    const FdtRow& row = nodes.rows[rows[i]];
    switch (static_cast<NodeColumn>(column.which)) {
      case NodeColumn::sound:
        out.values[i] = row.sound;
        out.known[i] = row.complete;
        if (!row.complete) {  // to say where the hole is
          std::vector<std::byte> bytes(row.totalsize);
          reading.read(reading.world.blobs[row.blob].address, bytes);
        }
        break;
      case NodeColumn::totalsize:
        out.values[i] = static_cast<Integer>(row.totalsize);
        break;
      case NodeColumn::property:
        out.values[i] = value_of(reading.world, row, column);
        break;
      case NodeColumn::property_bytes:
        out.values[i] = row.cells[column.property].bytes;
        break;
      case NodeColumn::property_address:
        out.values[i] = static_cast<Integer>(row.cells[column.property].address);
        break;
    }
  }
}

bool read_text(const Reading& reading, const Nodes& nodes, uint32_t row, std::vector<std::byte>& out) {
  const FdtBlob& blob = reading.world.blobs[nodes.rows[row].blob];
  const Place text = text_of(nodes.rows[row], reading.column);
  out.resize(text.size);
  if (!out.empty()) std::memcpy(out.data(), blob.bytes.data() + (text.address - blob.address), out.size());
  return true;
}

Place place_of(const Reading& reading, const Nodes& nodes, uint32_t row) {
  const Column& column = reading.column;
  if (!is_of_text(column.kind) && !column.is(NodeColumn::property) && !column.is(NodeColumn::property_bytes))
    return {};
  return text_of(nodes.rows[row], column);
}

}  // namespace khover::walk
