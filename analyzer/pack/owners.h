// Which pointers own what they lead to.
#pragma once

#include <vector>

#include "pack/model.h"

namespace khover::pack {

// A pack that says what the records of a set were allocated as says that each record has one owner: these are
// the pointers that lead to such records, over the sets that hold them. Left out are references (`one-of`),
// allocations that are not the record itself, and sets of which one of the rules `needed` already claims that
// each record is found once: unique (_addr).
std::vector<TupleOver> owners(const Model& model, const std::vector<uint32_t>& needed);

}  // namespace khover::pack
