// Columns: what a rule can say of one row of a set.
#pragma once

#include <cstdint>
#include <string>

#include "pack/expr.h"

namespace khover::pack {

// What the rows of a set are; a container has its kind in its plan, walk::Content what is read of it.
enum class RowKind {
  records,  // bytes at a stride (none for what is known of the host), and numbers that the walk gives each
            // row
  nodes,    // of a device tree
  keys,     // of the preserved memory map: bits
};

enum class ColumnKind {
  address,  // _addr: physical address of the record
  index,    // _position: place among the records of the same parent, from 0
  last,     // _last: nothing follows it under the same parent
  integer,  // bytes (or bits) of the record
  text,  // its bytes before the first NUL: a char array, or in rows of a tree a property or the node's name
  text_terminated,
  text_tail_zero,
  text_length,
  number,  // given by the walk: `which` counts those of the set
  node,    // `which` is a NodeColumn
  key,     // `which` is a KeyColumn
  derived,
};

enum class NodeColumn : uint32_t {
  sound,           // the header and structure of the blob are sound
  totalsize,       // bytes
  property,        // an integer
  property_bytes,  // its length; -1: absent
  property_address,
};

enum class KeyColumn : uint32_t {
  key,  // as stored
  phys,
  order,
  length,  // bytes
};

struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::integer;
  Type type = Type::integer;
  Interval range;
  uint32_t which = 0;
  uint64_t offset = 0;      // bytes into the record
  uint32_t bit_offset = 0;  // from bit 0 of the byte at `offset`
  uint32_t bits = 0;        // width; of an integer property, too
  bool is_signed = false;
  uint64_t length = 0;        // text: size of the char array, bytes
  uint32_t property = kNone;  // index into SetType::properties; kNone, in rows of a tree: the node itself
  ExprPtr derived;
  bool shown = false;  // by `khover dump`

  bool is(NodeColumn one) const { return kind == ColumnKind::node && which == static_cast<uint32_t>(one); }
  bool is(KeyColumn one) const { return kind == ColumnKind::key && which == static_cast<uint32_t>(one); }
};
// A text, or one of the columns that say how it ends.
bool is_of_text(ColumnKind kind);

struct Property {
  std::string name;  // in the FDT
  bool is_text = false;
  uint64_t size = 8;
};

}  // namespace khover::pack
