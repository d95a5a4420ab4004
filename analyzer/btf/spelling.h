// A type of BTF as C writes it.
#pragma once

#include <string>

#include "btf/types.h"

namespace khover::btf {

// "u64", "struct list_head *", "char[64]"; "…" replaces what nests too deeply to be read.
std::string spelling(const Types& types, uint32_t id);

}  // namespace khover::btf
