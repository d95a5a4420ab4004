// BTF → ABI snapshot. Layouts and enumerations only: BTF has no macros, no strings that are version names,
// no kernel-doc, no places in files, and of a record neither its alignment nor whether it is packed.
#pragma once

#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "btf/types.h"
#include "error/error.h"

namespace khover::btf {

struct Layouts {
  abi::Snapshot snapshot;            // `source` is the caller's to fill
  std::vector<std::string> missing;  // requested names that are missing
};

// Those records and enumerations, and what they are made of; all that have a name when `names` is empty.
// A name that two different records have is an error if it was requested; else the second one is kept
// as "name@2". An enumeration without a name is called "enum@" and its first enumerator.
Result<Layouts> extract(const Types& types, const std::vector<std::string>& names);

}  // namespace khover::btf
