// One ABI from two snapshots: that of a kernel, and of headers that it lacks.
#pragma once

#include "abi/snapshot.h"

namespace khover::abi {

// `addition` may leave its page size open (0). A name that both have must mean the same in both.
Result<Snapshot> merge(Snapshot base, const Snapshot& addition, const std::string& addition_name);

}  // namespace khover::abi
