#include "image/patched_memory.h"

#include <algorithm>

namespace khover::image {
namespace {

constexpr uint64_t kPage = 4096;

}  // namespace

PatchedMemory::PatchedMemory(const Memory& base, const Patch& patch) : base_(base) {
  for (const auto& [phys, byte] : patch) write(phys, std::span(&byte, 1));
}

std::span<const std::byte> PatchedMemory::run(uint64_t phys) const {
  const uint64_t page = phys / kPage * kPage;
  if (const auto patched = pages_.find(page); patched != pages_.end()) {
    const auto& present = base_.run(phys);
    const uint64_t within = phys - page;
    if (present.empty() || within >= patched->second.size()) return {};
    return std::span(patched->second)
        .subspan(within, std::min<uint64_t>(patched->second.size() - within, present.size()));
  }
  std::span<const std::byte> bytes = base_.run(phys);
  const auto next = pages_.upper_bound(page);
  if (next != pages_.end() && next->first - phys < bytes.size()) bytes = bytes.first(next->first - phys);
  return bytes;
}

bool PatchedMemory::write(uint64_t phys, std::span<const std::byte> bytes) {
  std::vector<std::byte> before(bytes.size());
  if (!read(phys, before)) return false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint64_t page = (phys + i) / kPage * kPage;
    auto [patched, fresh] = pages_.try_emplace(page);
    if (fresh) {
      // Holes in the page stay holes: run() asks the dump.
      patched->second.resize(kPage);
      for (uint64_t at = page; at < page + kPage;) {
        const std::span<const std::byte> part = base_.run(at);
        const uint64_t count = std::min<uint64_t>(std::max<size_t>(part.size(), 1), page + kPage - at);
        std::copy_n(part.begin(), std::min<uint64_t>(part.size(), count),
                    patched->second.begin() + static_cast<std::ptrdiff_t>(at - page));
        at += count;
      }
    }
    patched->second[phys + i - page] = bytes[i];
  }
  return true;
}

}  // namespace khover::image
