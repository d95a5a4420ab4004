// What a kernel reads from the bytes of a record: every value that its declaration gives a name,
// down to scalars, and the bits that it is made of.
//
// Two readings of the same bytes agree for all bytes if and only if they take the same bits in the
// same order, extended alike: a value is nothing but a choice of bits. So "compatible"
// can be decided by comparing places; prove/alike.h asks a solver the same question about bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "abi/snapshot.h"

namespace khover::abi_diff {

enum class Meaning { number, signed_number, truth, floating };

struct Step {
  uint64_t count = 0;   // elements; 0: as many as there are (flexible array)
  uint64_t stride = 0;  // bytes; 0 where there is one element only

  auto operator<=>(const Step&) const = default;
};

struct Reading {
  std::string path;        // "folios.first.phys"
  uint64_t first_bit = 0;  // of the first element, from the start of the record
  uint64_t width = 0;      // bits of one element
  Meaning meaning = Meaning::number;
  std::vector<Step> steps;  // arrays around it, outermost first

  // The same value for all bytes, whatever it is called.
  bool agrees_with(const Reading& other) const {
    return first_bit == other.first_bit && width == other.width && meaning == other.meaning &&
           steps == other.steps;
  }
};

// In the order of the declaration; members of nameless members under their own name.
std::vector<Reading> readings(const abi::Snapshot& snapshot, const abi::Record& record);

// The same size, the same readings; what has the same name on both sides is the same reading.
bool layouts_agree(const abi::Snapshot& old_abi, const abi::Record& old_record, const abi::Snapshot& new_abi,
                   const abi::Record& new_record);

// The bits of one element, as a value: "0x81", "-0x7f", "true".
std::string number_text(const Reading& reading, uint64_t bits);

// Value of the first element of a reading; bytes past the end of `bytes` are not there: "".
std::string value_text(const Reading& reading, const std::vector<uint8_t>& bytes, bool little_endian);

}  // namespace khover::abi_diff
