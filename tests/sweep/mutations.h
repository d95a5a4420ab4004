// Every value that a fault could leave in a field, in a copy of a dump's memory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "walk/world.h"

namespace khover::sweep {

struct Mutation {
  uint32_t set = 0, column = 0, row = 0;  // whose field has another value
  std::string kind;                       // of value: "0", "+1", "page of luo.session_blocks"
  uint64_t address = 0;                   // physical, of the field
};

// Of each field of each set, in the first and the last `most_rows` records.
void for_each_mutation(const walk::World& world, uint32_t most_rows,
                       const std::function<void(const Mutation&, const image::Memory&)>& visit);

}  // namespace khover::sweep
