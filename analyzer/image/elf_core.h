// ELF cores: what their program headers and notes say.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "error/error.h"
#include "image/image.h"

namespace khover::image {

// Memory that is in the file as it is.
struct FileSegment {
  uint64_t phys = 0;
  uint64_t offset = 0;  // in the file
  uint64_t length = 0;  // bytes; phys + length does not wrap
};

struct ElfCore {
  Machine machine = Machine::unknown;
  std::vector<FileSegment> segments;      // file order; only bytes that the file really has
  std::optional<std::vector<Range>> ram;  // the PT_LOADs of a full dump
  std::string vmcoreinfo;                 // empty without one
  std::optional<Facts> note;              // khover's own
  std::vector<std::string> warnings;
};

bool is_elf(std::span<const std::byte> bytes);

// `bytes` are the first ones of a file of `file_size` bytes: headers, tables and notes at least.
Result<ElfCore> read_elf_core(std::span<const std::byte> bytes, uint64_t file_size, const std::string& path);

}  // namespace khover::image
