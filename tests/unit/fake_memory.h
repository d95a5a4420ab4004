// Physical memory that a test writes byte by byte; what it did not map is a hole.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "image/memory.h"

namespace khover {

class FakeMemory : public image::Memory {
 public:
  // Zeroes at [phys, phys + length); ranges must not overlap. Two ranges that touch are two runs.
  void map(uint64_t phys, uint64_t length) {
    segments_[phys].resize(length);
    present_.clear();
    for (const auto& [start, bytes] : segments_) {
      if (!present_.empty() && present_.back().end() == start)
        present_.back().length += bytes.size();
      else
        present_.push_back({start, bytes.size()});
    }
  }

  void put(uint64_t phys, const std::string& bytes) {
    for (size_t i = 0; i < bytes.size(); ++i) {
      auto segment = std::prev(segments_.upper_bound(phys + i));
      segment->second.at(phys + i - segment->first) = static_cast<std::byte>(bytes[i]);
    }
  }
  void put_u64(uint64_t phys, uint64_t value) { put_integer(phys, value, 8); }
  void put_u32(uint64_t phys, uint32_t value) { put_integer(phys, value, 4); }

  std::span<const std::byte> run(uint64_t phys) const override {
    auto after = segments_.upper_bound(phys);
    if (after == segments_.begin()) return {};
    const auto& [start, bytes] = *std::prev(after);
    if (phys - start >= bytes.size()) return {};
    return std::span(bytes).subspan(phys - start);
  }
  const std::vector<image::Range>& present() const override { return present_; }

 private:
  void put_integer(uint64_t phys, uint64_t value, size_t size) {
    std::string bytes(size, '\0');
    std::memcpy(bytes.data(), &value, size);
    put(phys, bytes);
  }

  std::map<uint64_t, std::vector<std::byte>> segments_;
  std::vector<image::Range> present_;
};

}  // namespace khover
