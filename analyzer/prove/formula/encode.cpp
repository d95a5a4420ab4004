#include "prove/formula/encode.h"

#include <algorithm>
#include <bit>

namespace khover::prove {

using pack::ColumnKind;

namespace {

constexpr uint64_t kFdtTotalSize = 4;   // Devicetree Specification 5.2: offset of totalsize in the header
constexpr uint64_t kFdtPropLength = 8;  // 5.4.1: the length is so far before the value

bool is_set(const walk::Leaf& leaf, uint64_t bit) {
  return (std::to_integer<unsigned>(leaf.bytes[bit / 8]) >> (bit % 8) & 1) != 0;
}

}  // namespace

std::byte Encoder::now(uint64_t address) const {
  if (const auto changed = patch_.find(address); changed != patch_.end()) return changed->second;
  const auto run = world_.memory->run(address);
  return run.empty() ? std::byte{0} : run.front();
}

bool Encoder::byte(uint64_t address, std::byte value) {
  if (world_.memory->run(address).empty()) return false;
  patch_[address] = value;
  return true;
}

bool Encoder::write(uint64_t address, Integer value, unsigned bytes, bool big_endian) {
  if (world_.memory->run(address).size() < bytes) return false;
  for (unsigned i = 0; i < bytes; ++i) {
    const unsigned at = big_endian ? bytes - 1 - i : i;
    patch_[address + at] = static_cast<std::byte>(value >> (8 * i) & 0xff);
  }
  return true;
}

bool Encoder::write_bits(const walk::Place& field, const pack::Column& of, Integer value) {
  if (value < of.range.low || value > of.range.high) return false;
  for (uint32_t bit = 0; bit < of.bits; ++bit) {
    const uint32_t at = of.bit_offset + bit;
    const uint64_t address = field.address + at / 8;
    if (world_.memory->run(address).empty()) return false;
    const std::byte mask{static_cast<uint8_t>(1U << (at % 8))};
    patch_[address] = (value >> bit & 1) != 0 ? now(address) | mask : now(address) & ~mask;
  }
  return true;
}

bool Encoder::write_node(const walk::FdtRow& row, const pack::Column& of, Integer value) {
  const uint64_t blob = world_.blobs[row.blob].address;
  const walk::FdtCell* cell = of.property < row.cells.size() ? &row.cells[of.property] : nullptr;
  switch (static_cast<pack::NodeColumn>(of.which)) {
    case pack::NodeColumn::sound:
      return value == 0 && byte(blob, std::byte{0});
    case pack::NodeColumn::totalsize:
      return write(blob + kFdtTotalSize, value, 4, true);
    case pack::NodeColumn::property:
      return cell && cell->bytes * 8 == of.bits && write(cell->address, value, of.bits / 8, false);
    case pack::NodeColumn::property_bytes:
      // The tree stays sound if the value takes as many words as before.
      return cell && value >= 0 && cell->bytes >= 0 && write(cell->address - kFdtPropLength, value, 4, true);
    case pack::NodeColumn::property_address:
      return false;
  }
  return false;
}

bool Encoder::number(uint32_t set, uint32_t column, uint32_t row, Integer value) {
  const walk::RecordSet& records = world_.sets[set];
  const pack::Column& of = records.type->columns[column];
  const walk::Place field = walk::place_of(world_, records, of, row);
  switch (of.kind) {
    case ColumnKind::integer:
      return write_bits(field, of, value);
    case ColumnKind::node:
      return write_node(records.nodes()->rows[row], of, value);
    case ColumnKind::text_terminated:
      if (value != 0 || field.size == 0) return false;
      for (uint64_t i = 0; i < field.size; ++i) {
        if (now(field.address + i) == std::byte{0} && !byte(field.address + i, std::byte{'x'})) return false;
      }
      return true;
    case ColumnKind::text_tail_zero: {
      const uint64_t last = field.address + field.size - 1;
      return value == 0 && field.size > 1 && now(last - 1) == std::byte{0} && byte(last, std::byte{'x'});
    }
    case ColumnKind::text_length:
      if (value < 0 || value >= static_cast<Integer>(field.size)) return false;
      return write_text(field, std::string(static_cast<size_t>(value), 'x'));
    default:
      return false;
  }
}

bool Encoder::write_text(const walk::Place& field, const std::string& text) {
  if (text.size() > field.size) return false;
  for (uint64_t i = 0; i < field.size; ++i) {
    if (!byte(field.address + i, i < text.size() ? static_cast<std::byte>(text[i]) : std::byte{0}))
      return false;
  }
  return true;
}

bool Encoder::text(uint32_t set, uint32_t column, uint32_t row, const std::string& text) {
  const walk::RecordSet& records = world_.sets[set];
  const pack::Column& of = records.type->columns[column];
  const walk::Place field = walk::place_of(world_, records, of, row);
  const bool is_name =
      records.nodes() && of.property == pack::kNone;  // of a node: no byte more, no byte less
  if (is_name ? text.size() != field.size : text.size() >= field.size) return false;
  return write_text(field, text);
}

std::optional<Encoder::Bitmap> Encoder::bitmap_of(uint32_t set, uint32_t row) const {
  const walk::RecordSet& records = world_.sets[set];
  if (!std::holds_alternative<pack::plans::Keys>(records.type->plan) || records.rows == 0)
    return std::nullopt;
  const walk::Leaf& leaf = records.keys()->leaf_of(row);
  return Bitmap{&leaf, world_.sets[records.type->parent].address_of(leaf.parent)};
}

bool Encoder::set_bit(uint64_t address, uint64_t bit, bool value) {
  const std::byte mask{static_cast<uint8_t>(1U << (bit % 8))};
  const std::byte before = now(address + bit / 8);
  return byte(address + bit / 8, value ? before | mask : before & ~mask);
}

bool Encoder::remove_key(uint32_t set, uint32_t row) {
  const auto bitmap = bitmap_of(set, row);
  if (!bitmap) return false;
  uint32_t before = row - bitmap->leaf->first_row;  // keys of the page that come before it
  for (uint64_t bit = 0; bit < uint64_t{1} << world_.map.bitmap_bits(); ++bit) {
    if (is_set(*bitmap->leaf, bit) && before-- == 0) return set_bit(bitmap->address, bit, false);
  }
  return false;
}

bool Encoder::add_key(uint32_t set, uint32_t row, uint64_t key) {
  const auto bitmap = bitmap_of(set, row);
  if (!bitmap || !holds(*bitmap->leaf, key)) return false;
  return set_bit(bitmap->address, key - bitmap->leaf->first_key, true);
}

bool Encoder::uncover(uint64_t phys) {
  walk::Key covering;
  if (world_.map.covering(phys, &covering) != walk::Answer::yes) return false;
  const auto key = world_.map.encode(covering.phys, covering.order);
  for (uint32_t set = 0; key && set < world_.sets.size(); ++set) {
    const walk::Keys* keys = world_.sets[set].keys();
    if (!keys) continue;
    for (const walk::Leaf& leaf : keys->leaves) {
      if (!holds(leaf, *key)) continue;
      const auto bitmap = bitmap_of(set, leaf.first_row);
      return bitmap && set_bit(bitmap->address, *key - leaf.first_key, false);
    }
  }
  return false;
}

bool Encoder::holds(const walk::Leaf& leaf, uint64_t key) const {
  return key >= leaf.first_key && (key - leaf.first_key) >> world_.map.bitmap_bits() == 0;
}

}  // namespace khover::prove
