// Symbols of the dumped kernel, from the tables that it carries of itself (kernel/kallsyms.c,
// scripts/kallsyms.c). VMCOREINFO says where they are.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "error/error.h"
#include "kernel/address_space.h"

namespace khover::kernel {

// Virtual addresses by name; static variables of several files may share one.
using Symbols = std::map<std::string, std::vector<uint64_t>, std::less<>>;

// Those of `wanted` that there are; the names only, their addresses are filled in. Errors: no tables, or
// tables that are cut or damaged. Reads 64 MiB of names at most.
Result<Symbols> find_symbols(const AddressSpace& space, std::string_view vmcoreinfo,
                             const std::vector<std::string>& wanted);

}  // namespace khover::kernel
