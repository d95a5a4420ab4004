// An image that is well-formed under OLD and misread under NEW: records of a type whose layout changed, read
// both ways. An image that already shows it is taken as it is; otherwise one field of one record is changed,
// to a value that every rule under OLD still allows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "abi/compare.h"
#include "evaluate/hypothesis.h"
#include "image/patched_memory.h"
#include "walk/world.h"

namespace khover::prove {

struct MisreadField {
  std::string path;
  std::string old_value, new_value;  // empty: not declared, or the dump lacks the bytes
  bool differs = false;
};

struct ByteChange {
  uint64_t address = 0;
  std::vector<uint8_t> was, becomes;
  std::string what;  // "parcel_ser.token"
};

struct Misread {
  evaluate::RecordRef record;        // in the world that OLD reads
  std::string old_type, new_type;    // of the record
  uint64_t old_address = 0;          // where OLD reads it
  uint64_t new_address = 0;          // where NEW does: further on or back, in an array whose stride changed
  std::vector<MisreadField> fields;  // all of them
  std::optional<ByteChange> change;  // none: the image was one already
};

// Null: nothing in the image shows a difference, and no change that was tried does and is allowed. `memory`
// lies over the one that `world` was read from; the change, if there is one, is in it afterwards. `world` was
// judged and violates nothing.
std::optional<Misread> find_misread(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                                    const abi::Comparison& comparison, const walk::World& world,
                                    image::PatchedMemory& memory);

}  // namespace khover::prove
