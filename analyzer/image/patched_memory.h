// Memory with some of its bytes replaced: what an image would be like, without a copy of it.
#pragma once

#include <map>
#include <vector>

#include "image/memory.h"

namespace khover::image {

// Bytes by physical address.
using Patch = std::map<uint64_t, std::byte>;

class PatchedMemory : public Memory {
 public:
  // `base` must live as long. Bytes of `patch` where `base` has none are ignored.
  PatchedMemory(const Memory& base, const Patch& patch);

  std::span<const std::byte> run(uint64_t phys) const override;
  const std::vector<Range>& present() const override { return base_.present(); }

 private:
  const Memory& base_;
  std::map<uint64_t, std::vector<std::byte>> pages_;  // by number: copies of those that differ
};

}  // namespace khover::image
