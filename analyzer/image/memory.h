// Physical memory as a dump holds it: bytes where they were captured, holes
// elsewhere. A hole is never read as zero. The kernel's side of this is
// PT_LOAD.p_paddr of an ELF core (fs/proc/vmcore.c, QEMU dump-guest-memory).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <tl/expected.hpp>
#include <vector>

namespace khover::image {

struct Range {
  uint64_t start = 0;   // physical address, bytes
  uint64_t length = 0;  // bytes; start + length never wraps
  uint64_t end() const { return start + length; }
  friend bool operator==(const Range&, const Range&) = default;
};

// Why bytes could not be read.
struct Hole {
  uint64_t address = 0;  // physical, of the first byte that is absent
  friend bool operator==(const Hole&, const Hole&) = default;
};

class Memory {
 public:
  virtual ~Memory() = default;

  // The bytes from `phys` on, as far as they are present and contiguous in host
  // memory; empty where the dump has a hole. Valid as long as this object lives.
  // An implementation may return less than is present, but at least up to the next
  // 4096-byte boundary.
  virtual std::span<const std::byte> run(uint64_t phys) const = 0;

  // What is present: sorted by start, disjoint, adjacent ranges joined.
  virtual const std::vector<Range>& present() const = 0;

  // Of present(), what may have a byte other than zero; the same shape. A pass over a whole dump looks at
  // nothing else: zeros can be declared for nothing, by a file that is sparse.
  virtual const std::vector<Range>& populated() const { return present(); }

  // Copies out.size() bytes from `phys` on. On a hole `out` is unspecified.
  // Unlike run() it keeps nothing in memory, so that a pass over a whole dump is free to read all of it.
  virtual tl::expected<void, Hole> read(uint64_t phys, std::span<std::byte> out) const;

  // From here on read() returns the same bytes whenever it is asked, too, as run() always does. Costs
  // memory for what is read; only the memory of a running kernel changes without it.
  virtual void hold() {}
};

}  // namespace khover::image
