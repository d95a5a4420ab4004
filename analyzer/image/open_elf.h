// What all openings of ELF cores have in common.
#pragma once

#include "image/elf_core.h"
#include "image/image.h"

namespace khover::image {

// Machine, warnings, VMCOREINFO and facts of the core; not its memory.
void take_facts(ElfCore core, Image& image);

}  // namespace khover::image
