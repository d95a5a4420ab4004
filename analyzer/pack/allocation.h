// The memory that a record stands for, and how it is entered in the preserved memory map.
#pragma once

#include "pack/typing.h"

namespace khover::pack {

// Over the set of that index.
Result<Allocation> link_allocation(const AllocationSyntax& syntax, uint32_t index, uint64_t page_size,
                                   const Typing& typing);

}  // namespace khover::pack
