// Room for decompressed pages that stay where they are, in an unlinked temporary file: the kernel can
// write them out when memory is short, which it could not with the heap of a host that has no swap.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "output/descriptor.h"

namespace khover::image {

class PageStore {
 public:
  PageStore() = default;
  PageStore(const PageStore&) = delete;
  PageStore& operator=(const PageStore&) = delete;
  ~PageStore();

  // `size` bytes, a power of two up to 64 KiB; empty when there is no room, or kMaxDecompressed is reached.
  std::span<std::byte> take(size_t size);

 private:
  output::Descriptor file_{-1};
  std::vector<std::span<std::byte>> chunks_;
  size_t used_ = 0;  // of the last chunk
};

}  // namespace khover::image
