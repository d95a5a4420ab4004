// Flattened device trees in an image, through libfdt. Property values are read in
// the byte order of the writing kernel, not big-endian (include/linux/kho/abi/kexec_handover.h).
#pragma once

#include "walk/world.h"

namespace khover::walk {

// Copies the blob at `address` and checks it; `most` bounds the copy. Appends one row for
// the root node. A hole only where the header itself is absent: a blob that is absent in part is a row.
tl::expected<void, image::Hole> read_fdt(World& world, RecordSet& set, uint64_t address, uint64_t most);

// Appends a row for each child of the node.
void read_fdt_children(const World& world, const FdtRow& parent, RecordSet& set);

// Physical address of a node, for reports.
uint64_t node_address(const World& world, const FdtRow& row);

}  // namespace khover::walk
