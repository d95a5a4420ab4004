// Whether an ABI has what a pack or a rule asks for.
#pragma once

#include <string>

#include "abi/snapshot.h"

namespace khover::pack {

// A record, constant or RECORD.FIELD.
bool abi_has(const abi::Snapshot& snapshot, const std::string& name);

}  // namespace khover::pack
