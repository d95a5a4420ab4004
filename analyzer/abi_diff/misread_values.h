// Bytes to try in a record so that one of its fields reads differently by two layouts.
#pragma once

#include "abi_diff/compare.h"
#include "abi_diff/misread.h"
#include "image/memory.h"

namespace khover::abi_diff {

// Everything of a record that one of the two kernels reads.
struct BothReadings {
  const RecordProof* proof = nullptr;
  std::vector<Reading> before, after;
  struct Field {
    const Reading* before = nullptr;
    const Reading* after = nullptr;
    bool shared() const { return before != nullptr && after != nullptr; }
  };
  std::vector<Field> fields;  // parallel to proof->fields
};

// `proof` must outlive it.
BothReadings both_readings(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                           const RecordProof& proof);

// Values of OLD's fields, and bytes that OLD does not read, where either kernel reads `field`; those that
// rules are likeliest to allow first. The record is at `address` for OLD.
std::vector<ByteChange> changes_to_try(const BothReadings& both, size_t field, uint64_t address,
                                       const image::Memory& memory, bool little_endian);

}  // namespace khover::abi_diff
