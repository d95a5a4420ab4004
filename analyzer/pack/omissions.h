// What packs leave out: they load, and something will be missed.
#pragma once

#include <string>
#include <vector>

#include "pack/model.h"

namespace khover::pack {

// Of the packs whose files begin with `folder`: no `serves` where records are followed by name, a count that
// nothing bounds, texts that are still to be written. The model is of an ABI that they apply to.
std::vector<Error> omissions(const Model& model, const std::vector<PackFile>& packs,
                             const std::string& folder);

// Names in `has` that none of the ABIs has: what asks for them never applies.
std::vector<Error> unknown_names(const std::vector<abi::Snapshot>& abis, const std::vector<PackFile>& packs,
                                 const std::string& folder);

}  // namespace khover::pack
