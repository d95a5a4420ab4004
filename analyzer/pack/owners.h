// Which pointers own what they lead to.
#pragma once

#include <vector>

#include "pack/model.h"

namespace khover::pack {

// A pack that says of a set what its records were allocated as says that each record has one owner: these are
// the pointers that lead to such records, over the sets that hold them. References (`one-of`) and allocations
// that are not the record itself are left out.
std::vector<TupleOver> owners(const Model& model);

}  // namespace khover::pack
