// A file of any format that khover takes for a dump: ELF core, kdump-compressed, flattened, zstd. Opened,
// searched for roots, and each page of it read.
#include <algorithm>

#include "image/image.h"
#include "targets/memory_file.h"
#include "targets/target.h"

KHOVER_FUZZ_TARGET(input) {
  using namespace khover;
  const fuzz::MemoryFile file(input);
  const Result<image::Image> opened = image::open(file.path(), {});
  if (!opened) return;
  image::find_traces(*opened);
  size_t left = 1 << 20;
  for (const image::Range& range : opened->memory->present()) {
    for (uint64_t at = range.start; at < range.end() && left > 0;) {
      const auto bytes = opened->memory->run(at);
      if (bytes.empty()) break;
      volatile std::byte touched{};
      for (const std::byte byte : bytes.first(std::min(bytes.size(), left))) touched = byte;
      left -= std::min(bytes.size(), left);
      at += bytes.size();
    }
  }
}
