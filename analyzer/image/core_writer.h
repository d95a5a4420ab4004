// Slim cores: pieces of memory and the facts beside them, as an ELF64 core that elf_core.cpp reads back.
#pragma once

#include <string>
#include <vector>

#include "error/error.h"
#include "image/image.h"

namespace khover::image {

// `pieces` are sorted, disjoint and present in `memory`. Written beside `path` first and then renamed,
// so that an unfinished core is never under that name.
Result<void> write_core(const std::string& path, Machine machine, const Memory& memory,
                        const std::vector<Range>& pieces, const Facts& facts);

}  // namespace khover::image
