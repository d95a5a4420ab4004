// An image that is well-formed under OLD and misread under NEW: records of the types whose layouts changed,
// read both ways. What an image already shows is taken as it is; fields that its values hide are changed, one
// after the other, to values that every rule under OLD still allows.
#pragma once

#include <string>
#include <vector>

#include "abi_diff/compare.h"
#include "evaluate/hypothesis.h"
#include "image/patched_memory.h"
#include "walk/world.h"

namespace khover::abi_diff {

struct MisreadField {
  std::string path;
  std::string old_value, new_value;  // empty: not declared, or the dump lacks the bytes
  bool differs = false;
  bool hidden = false;  // some bytes are read differently, but neither these nor any that were tried
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
  std::vector<ByteChange> changes;   // none: the image was one already
  bool zero_only = false;            // nothing but zero bytes that one of the two alone reads
};

struct Misreadings {
  std::vector<Misread> records;     // one of each changed type that shows a difference; the plainest first
  std::vector<std::string> absent;  // changed types, by OLD's names, of which the image has no record,
                                    // apart from parts of records above
  std::vector<std::string> hidden;  // those with records none of which shows a difference

  bool zero_only() const;  // all of them
};

// `memory` is layered over the one that `world` was read from; the changes are in it afterwards. `world` was
// judged and violates nothing.
Misreadings find_misread(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                         const Comparison& comparison, const walk::World& world,
                         image::PatchedMemory& memory);

}  // namespace khover::abi_diff
