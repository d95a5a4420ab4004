// How an x86 kernel is told of a handover: struct boot_params points to a list of struct setup_data, and
// kexec adds a node of type SETUP_KEXEC_KHO to it (arch/x86/include/uapi/asm/setup_data.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "image/memory.h"

namespace khover::image {

struct KhoSetupData {
  uint64_t root = 0;
  std::optional<Range> scratch;  // the scratch table
};

// The nodes that the boot_params at `phys` lead to; empty when no boot_params are there.
std::vector<KhoSetupData> read_setup_data(const Memory& memory, uint64_t phys);

}  // namespace khover::image
