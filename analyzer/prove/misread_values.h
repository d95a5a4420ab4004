// Bytes to try in a record so that one of its fields reads differently by two layouts.
#pragma once

#include "abi/compare.h"
#include "image/memory.h"
#include "prove/misread.h"

namespace khover::prove {

// Everything of a record that one of the two kernels reads.
struct BothReadings {
  const abi::RecordProof* proof = nullptr;
  std::vector<abi::Reading> before, after;
  struct Field {
    const abi::Reading* before = nullptr;
    const abi::Reading* after = nullptr;
    bool shared() const { return before != nullptr && after != nullptr; }
  };
  std::vector<Field> fields;  // parallel to proof->fields
};

// `proof` must outlive it.
BothReadings both_readings(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                           const abi::RecordProof& proof);

// Values of OLD's fields, and bytes that OLD does not read, where either kernel reads `field`; those that
// rules are likeliest to allow first. The record lies at `address` for OLD.
std::vector<ByteChange> changes_to_try(const BothReadings& both, size_t field, uint64_t address,
                                       const image::Memory& memory, bool little_endian);

}  // namespace khover::prove
