// ELF cores: what their program headers and notes say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "image/image.h"
#include "image/segments.h"

namespace khover::image {

struct ElfCore {
  Machine machine = Machine::unknown;
  std::vector<Segment> segments;          // file order; only bytes that the file really has
  std::optional<std::vector<Range>> ram;  // the PT_LOADs of a full dump
  std::string vmcoreinfo;                 // empty without one
  std::optional<Facts> note;              // khover's own
  std::vector<std::string> warnings;
};

bool is_elf(std::span<const std::byte> bytes);

Result<ElfCore> read_elf_core(std::span<const std::byte> bytes, const std::string& path);

}  // namespace khover::image
