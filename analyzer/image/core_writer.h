// Slim cores: pieces of memory and the facts beside them, as an ELF64 core that elf_core.cpp reads back.
#pragma once

#include <vector>

#include "error/error.h"
#include "image/image.h"
#include "output/file.h"

namespace khover::image {

// `pieces` are sorted, disjoint and present in `memory`. What was written counts once the file is committed.
Result<void> write_core(output::File& file, Machine machine, const Memory& memory,
                        const std::vector<Range>& pieces, const Facts& facts);

// Dumps hold what a machine had in memory: a new one is for its owner alone.
inline constexpr mode_t kCoreMode = 0600;

}  // namespace khover::image
