#include "image/memory.h"

#include <algorithm>
#include <cstring>

namespace khover::image {

tl::expected<void, Hole> Memory::read(uint64_t phys, std::span<std::byte> out) const {
  // No present range reaches the last byte of the address space (Range::end() does not wrap),
  // so `phys` meets a hole before it could wrap.
  while (!out.empty()) {
    const std::span<const std::byte> bytes = run(phys);
    if (bytes.empty()) return tl::unexpected(Hole{phys});
    const size_t count = std::min(bytes.size(), out.size());
    std::memcpy(out.data(), bytes.data(), count);
    out = out.subspan(count);
    phys += count;
  }
  return {};
}

}  // namespace khover::image
