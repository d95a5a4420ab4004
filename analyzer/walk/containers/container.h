// What each container does with the records below one parent: containers/NAME.cpp follows plans/NAME.h. CMake
// says where one of the two is missing, the linker where its function is. docs/adding-a-container.md.
#pragma once

#include <fmt/format.h>

#include "walk/family.h"

namespace khover::walk {

// Finds the family's records and appends them. What cannot be followed becomes an opening.
#define CONTAINER(Name) void follow(const pack::plans::Name& plan, Family& family);
KHOVER_CONTAINERS(CONTAINER)
#undef CONTAINER

// Once all families of a set are read. Most containers have nothing left to do.
template <typename Plan>
void finish(const Plan&, Walk&, RecordSet&) {}
void finish(const pack::plans::Bitmap& plan, Walk& walk, RecordSet& keys);

// A page of bits of the preserved memory map, below row `leaf.parent`.
void append_leaf(World& world, RecordSet& keys, Leaf leaf);

}  // namespace khover::walk
