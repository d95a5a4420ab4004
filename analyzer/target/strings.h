// The strings of a kernel: which versions and names its code has.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace khover::target {

class Strings {
 public:
  // `parts`: bytes of the kernel, which must outlive this.
  explicit Strings(std::vector<std::span<const std::byte>> parts) : parts_(std::move(parts)) {}

  enum class Found {
    no,
    inside,  // only as the end of a longer string, which the linker may have merged it into
    whole,   // between two bytes of 0
  };
  Found find(std::string_view text) const;
  bool empty() const { return parts_.empty(); }
  // The word after "Linux version "; empty: there is none.
  std::string release() const;

 private:
  std::vector<std::span<const std::byte>> parts_;
};

}  // namespace khover::target
