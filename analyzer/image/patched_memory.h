// Memory with some bytes exchanged: pages that were changed are kept here, all others stay the dump's.
#pragma once

#include <map>
#include <vector>

#include "image/memory.h"

namespace khover::image {

// Bytes by physical address.
using Patch = std::map<uint64_t, std::byte>;

class PatchedMemory : public Memory {
 public:
  // `base` must live as long. Bytes of `patch` where it has none are ignored.
  explicit PatchedMemory(const Memory& base, const Patch& patch = {});

  std::span<const std::byte> run(uint64_t phys) const override;
  const std::vector<Range>& present() const override { return base_.present(); }

  // All of [phys, phys + bytes.size()) or nothing: false where the dump has a hole. What run() returned
  // before is still there, and still says what it said then.
  bool write(uint64_t phys, std::span<const std::byte> bytes);
  // As the dump has it.
  void clear() { pages_.clear(); }

 private:
  const Memory& base_;
  std::map<uint64_t, std::vector<std::byte>> pages_;  // by address; the present part from there on
};

}  // namespace khover::image
