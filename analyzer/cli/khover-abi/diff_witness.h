// khover-abi diff --witness: an image that OLD calls well-formed and NEW misreads, written to a file.
#pragma once

#include <string>

#include "abi_diff/compare.h"
#include "abi_diff/misread.h"

namespace khover::cli {

struct WitnessRequest {
  std::string base;  // an image that a kernel with OLD wrote; empty: one of those that are built in
  std::string file;  // the witness
};

struct Witness {
  std::string file, base;  // base: as asked for, or the name of one that is built in
  bool built_in = false;
  abi_diff::Misreadings misread;
  std::vector<std::string> where;                         // its records, in words: as khover dump has them
  uint64_t proved = 0, not_judged = 0, undetermined = 0;  // rules, on the written file, under OLD
  std::string under_new;                                  // what NEW says of it, a clause
};

// Errors: there is no such image here: the base is not well-formed under OLD, or holds no record that
// changed, or nothing that was tried shows a difference.
Result<Witness> write_witness(const WitnessRequest& request, const abi::Snapshot& old_abi,
                              const abi::Snapshot& new_abi, const abi_diff::Comparison& comparison);

std::string render_witness(const Witness& witness);
// One JSON object.
std::string render_witness_json(const Witness& witness);

}  // namespace khover::cli
