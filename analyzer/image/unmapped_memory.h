// Memory of an ELF core that is read where it is because it cannot be mapped: /proc/kcore, whose size is
// that of an address space and whose bytes change. A page requested by run(), or after hold()
// by read(), stays as it was at that moment.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "image/elf_core.h"
#include "image/memory.h"
#include "image/page_store.h"
#include "output/descriptor.h"

namespace khover::image {

class UnmappedMemory : public Memory {
 public:
  // Where segments overlap, the first in the order given wins.
  UnmappedMemory(output::Descriptor file, const std::vector<FileSegment>& segments);

  std::span<const std::byte> run(uint64_t phys) const override;
  tl::expected<void, Hole> read(uint64_t phys, std::span<std::byte> out) const override;
  const std::vector<Range>& present() const override { return present_; }
  void hold() override { hold_ = true; }

 private:
  std::vector<FileSegment>::const_iterator first_piece(uint64_t phys) const;
  // As much as there is in one piece; 0 where the kernel does not give the byte out.
  size_t copy(uint64_t phys, std::span<std::byte> out) const;
  // From `phys` to the end of its page, or of what is present of it; kept. Under the lock.
  std::span<const std::byte> kept(uint64_t phys) const;

  output::Descriptor file_;
  std::vector<FileSegment> pieces_;  // sorted, disjoint
  std::vector<Range> present_;
  bool hold_ = false;

  mutable std::mutex mutex_;                                                // guards everything below
  mutable std::unordered_map<uint64_t, std::span<const std::byte>> pages_;  // by frame; empty: unreadable
  mutable PageStore store_;
  mutable std::vector<std::byte> window_;  // what was read last, for those who look at page after page
  mutable uint64_t window_at_ = 0;         // physical address
};

}  // namespace khover::image
