// The beginning of a pack for records that nobody has described yet.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "pack/model.h"

namespace khover::pack {

// What `khover new-subsystem` was told, or is to find out.
struct Subject {
  std::string registry;  // "file", "flb", "subtree"; empty: as the constant's name says
  std::string
      compatible;  // the constant with the name under which the record is handed over; empty: the only one
  std::string record;  // the record that is handed over; empty: the one that others hang below
};

struct Skeleton {
  std::string pack;               // its name
  std::string registry;           // "file", "flb", "subtree"
  std::string text;               // of the pack file
  std::string name;               // of the object in an image
  std::vector<std::byte> record;  // a first one: zeroes, and the version
};

// `own`: the new records alone; `kernel`: what they hang below. Errors: it cannot be told which record,
// constant or kind is meant; the remedy lists them.
Result<Skeleton> make_skeleton(const abi::Snapshot& own, const Model& kernel, Subject subject);

}  // namespace khover::pack
