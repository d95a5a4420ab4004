// The headers of a kdump-compressed file (makedumpfile's diskdump_mod.h, QEMU's dump.h).
// Nothing of the file is trusted: every size is held against the file's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error/error.h"
#include "image/elf_core.h"
#include "image/image.h"

namespace khover::image {

bool is_kdump(std::span<const std::byte> bytes);

// Page frames [first, first + count) of one file, whose descriptors are side by side.
struct FrameRun {
  uint64_t first = 0;
  uint64_t count = 0;
  uint64_t descriptor = 0;  // index of the first frame's page descriptor in its file
};

struct KdumpHeader {
  Machine machine = Machine::unknown;
  uint64_t block_size = 0;  // bytes; the page size of the dumped kernel
  uint64_t frames = 0;      // page frames that the bitmaps speak of
  bool incomplete = false;  // makedumpfile ran out of space
  bool split = false;
  uint64_t split_first = 0;  // frames whose pages are in this file; all of them when not split
  uint64_t split_end = 0;
  uint64_t descriptors_at = 0;            // file offset
  std::vector<FrameRun> dumped;           // sorted
  std::optional<std::vector<Range>> ram;  // what the first bitmap calls memory
  std::string vmcoreinfo;
};

// `content`: how many of the bytes may be other than zero.
Result<KdumpHeader> read_kdump_header(std::span<const std::byte> bytes, uint64_t content,
                                      const std::string& path);

}  // namespace khover::image
