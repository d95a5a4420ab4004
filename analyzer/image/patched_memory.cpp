#include "image/patched_memory.h"

#include <algorithm>

namespace khover::image {
namespace {
constexpr uint64_t kPage = 4096;  // run() must reach at least to the next multiple
}

PatchedMemory::PatchedMemory(const Memory& base, const Patch& patch) : base_(base) {
  for (const auto& [address, byte] : patch) {
    auto [page, added] = pages_.try_emplace(address / kPage);
    if (added) {
      page->second.resize(kPage);
      for (uint64_t at = 0; at < kPage;) {
        const auto run = base_.run(address / kPage * kPage + at);
        const uint64_t size = std::min<uint64_t>(std::max<uint64_t>(run.size(), 1), kPage - at);
        if (!run.empty()) std::copy_n(run.begin(), size, page->second.begin() + static_cast<ptrdiff_t>(at));
        at += size;
      }
    }
    page->second[address % kPage] = byte;
  }
}

std::span<const std::byte> PatchedMemory::run(uint64_t phys) const {
  const auto run = base_.run(phys);
  const auto page = pages_.lower_bound(phys / kPage);
  if (run.empty() || page == pages_.end()) return run;
  if (page->first == phys / kPage) {
    return std::span(page->second)
        .subspan(phys % kPage, std::min<uint64_t>(run.size(), kPage - phys % kPage));
  }
  return run.first(std::min<uint64_t>(run.size(), page->first * kPage - phys));
}

}  // namespace khover::image
