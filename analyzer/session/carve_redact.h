// Names that people chose, replaced in what a slim core holds. The packs say which columns these are.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "image/memory.h"
#include "walk/world.h"

namespace khover::session {

// The same memory with other bytes in places.
class RedactedMemory : public image::Memory {
 public:
  // `replaced`: by physical address, disjoint, present in `memory`, which must outlive this.
  RedactedMemory(const image::Memory& memory, std::map<uint64_t, std::vector<std::byte>> replaced)
      : memory_(memory), replaced_(std::move(replaced)) {}

  std::span<const std::byte> run(uint64_t phys) const override { return memory_.run(phys); }
  tl::expected<void, image::Hole> read(uint64_t phys, std::span<std::byte> out) const override;
  const std::vector<image::Range>& present() const override { return memory_.present(); }

 private:
  const image::Memory& memory_;
  std::map<uint64_t, std::vector<std::byte>> replaced_;
};

struct Redaction {
  std::map<uint64_t, std::vector<std::byte>> replaced;
  uint64_t names = 0;  // different ones
};

// Each name becomes a pseudonym of its length: equal names stay equal, different ones different, and what
// follows the name stays zero where it was. Bytes of `kept` that belong to no record (what was in a page
// before) become "x" where they are not zero.
Redaction redact(const walk::World& world, const std::vector<image::Range>& kept);

}  // namespace khover::session
