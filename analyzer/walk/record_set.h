// All records of one kind that the walk reached. Records stay where the dump has
// them: a set keeps extents (runs of records side by side), never copies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "pack/model.h"

namespace khover::walk {

using pack::kNone;

struct Extent {
  uint64_t address = 0;              // physical, of the first record
  const std::byte* bytes = nullptr;  // the records in host memory; null: read them one by one
  uint32_t first_row = 0;
  uint32_t count = 0;
  uint32_t parent = kNone;   // row in the parent set
  uint32_t first_index = 0;  // position of the first record among its siblings
};

// Why a set may have more records than were found.
struct Opening {
  enum class Cause { hole, broken };
  Cause cause = Cause::hole;
  uint32_t parent = kNone;  // below which parent row; kNone: anywhere
  uint64_t address = 0;     // hole: first absent byte; broken: the record that misleads
  std::string why;
};

// What the rows of a set are, beside their places: one struct for each pack::RowKind. Who reads rows visits
// the variant, so that a kind that was forgotten does not compile.

struct Records {                  // bytes at a stride, in the extents
  std::vector<uint64_t> numbers;  // SetType::numbers for each row
};

struct FdtCell {
  uint64_t address = 0;  // physical, of the property's data
  int64_t bytes = -1;    // its length; -1: the node has no such property
};
struct FdtRow {
  uint32_t blob = 0;  // index into World::blobs
  int node = 0;       // libfdt's node offset
  bool sound = false;
  bool complete = true;    // false: bytes of the blob are absent, so that soundness is not known
  uint64_t totalsize = 0;  // bytes
  uint64_t name_address = 0;
  uint32_t name_length = 0;
  std::vector<FdtCell> cells;  // one per SetType::properties
};
struct Nodes {  // of device trees
  std::vector<FdtRow> rows;
};

struct Leaf {  // one bitmap of the preserved memory map
  uint64_t first_key = 0;
  uint64_t address = 0;
  const std::byte* bytes = nullptr;
  uint64_t size = 0;  // bytes
  uint32_t first_row = 0;
  uint32_t count = 0;       // set bits, not 0
  uint32_t parent = kNone;  // row in the parent set
};
struct Keys {                // bits: rows of these have no extents
  std::vector<Leaf> leaves;  // by first_row

  const Leaf& leaf_of(uint32_t row) const;
};

using Content = std::variant<Records, Nodes, Keys>;
Content empty_content(pack::RowKind kind);

struct RecordSet {
  const pack::SetType* type = nullptr;
  uint32_t index = 0;  // in Model::sets and World::sets
  Content content;
  std::vector<Extent> extents;  // by first_row; parents ascending
  uint32_t rows = 0;
  std::vector<uint32_t> condemned;     // rows that a gate refused, ascending
  std::vector<uint32_t> condemned_by;  // the rule, parallel to `condemned`
  std::vector<uint32_t>
      doubtful;  // rows for which a gate cannot be decided, ascending; nothing below is read
  std::vector<uint32_t> doubtful_by;
  std::vector<Opening> openings;                          // added by open()
  std::unordered_map<uint32_t, uint32_t> first_openings;  // by parent: the first of `openings`
  uint64_t claimed = 0;                                   // bytes of runs that counts asked for

  void open(Opening opening);
  const Nodes* nodes() const { return std::get_if<Nodes>(&content); }  // null: the rows are none
  const Keys* keys() const { return std::get_if<Keys>(&content); }
  uint64_t number(uint32_t row, uint32_t which) const;  // of a column of kind `number`

  const Extent& extent_of(uint32_t row) const;
  uint32_t parent_of(uint32_t row) const;
  uint64_t address_of(uint32_t row) const;  // of the record; 0 for keys
  // [first, last) of the children of one parent row.
  std::pair<uint32_t, uint32_t> children_of(uint32_t parent) const;
  bool is_condemned(uint32_t row) const;
  // An opening that concerns the children of `parent`; null when that family is complete.
  const Opening* opening_below(uint32_t parent) const;
};

}  // namespace khover::walk
