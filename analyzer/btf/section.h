// The BTF section of a file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "error/error.h"

namespace khover::btf {

struct Section {
  std::vector<std::byte> bytes;
  std::string arch;  // "x86_64" or "arm64" as the ELF header says; empty for a bare section
};

// `path` is an ELF file with a .BTF section (vmlinux) or the bare section (/sys/kernel/btf/vmlinux).
Result<Section> read_section(const std::string& path);

}  // namespace khover::btf
