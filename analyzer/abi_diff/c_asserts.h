// A snapshot as a C file of assertions: compiled by any C compiler against the same headers, it
// is a proof of the snapshot that shares nothing with how it was made.
#pragma once

#include <string>
#include <vector>

#include "abi/snapshot.h"

namespace khover::abi_diff {

// `includes` are #include lines' operands, "<linux/types.h>" or "\"x.h\"", in order. Bit-fields
// and strings are checked by constant folding, so the file needs at least -O1.
std::string write_c_asserts(const abi::Snapshot& snapshot, const std::vector<std::string>& includes);

}  // namespace khover::abi_diff
