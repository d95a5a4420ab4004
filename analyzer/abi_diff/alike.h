// Whether two layouts of a record read alike: for each value that a declaration gives a name, the
// solver checks whether both take the same value from the same bytes, for all bytes and in all
// elements of an array. Where not, it names bytes that show it.
#pragma once

#include <string>

#include "abi_diff/compare.h"
#include "error/error.h"
#include "prove/solver/answer.h"

namespace khover::abi_diff {

// Fills in comparison.proofs. `smt2`: folder for the queries, empty: none. An error: the solver and
// the comparison of places disagree, which is a defect of khover.
Result<prove::Tally> prove_alike(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                                 Comparison& comparison, const std::string& smt2);

}  // namespace khover::abi_diff
