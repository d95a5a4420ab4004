// Memory made of pieces of a mapped file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "image/mapped_file.h"
#include "image/memory.h"

namespace khover::image {

struct Segment {
  uint64_t phys = 0;
  std::span<const std::byte> bytes;  // inside the mapped file; phys + bytes.size() does not wrap
};

class SegmentMemory : public Memory {
 public:
  struct Built {
    std::unique_ptr<SegmentMemory> memory;
    std::optional<std::string> warning;  // two segments hold different bytes for one address
  };

  // Where segments overlap, the first in the order given wins: QEMU (paging=on) and /proc/vmcore
  // (kernel text) list the same page more than once. Errors: segments that share the file's bytes so often
  // that they declare far more memory than the file has.
  static Result<Built> build(MappedFile file, const std::vector<Segment>& segments, const std::string& path);

  std::span<const std::byte> run(uint64_t phys) const override;
  const std::vector<Range>& present() const override { return present_; }
  const std::vector<Range>& populated() const override { return populated_; }

 private:
  SegmentMemory(MappedFile file, std::vector<Segment> pieces, std::vector<std::byte> stitched);

  MappedFile file_;
  std::vector<std::byte> stitched_;  // pages that are in two pieces, copied together
  std::vector<Segment> pieces_;      // sorted, disjoint; host-contiguous neighbours joined
  std::vector<Range> present_, populated_;
};

}  // namespace khover::image
