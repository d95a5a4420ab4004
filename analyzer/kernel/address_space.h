// Virtual addresses of the dumped kernel, as its VMCOREINFO says that they map to memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "error/error.h"
#include "image/memory.h"

namespace khover::kernel {

class AddressSpace {
 public:
  virtual ~AddressSpace() = default;

  // Physical address; nothing where nothing is mapped or the page tables are not in the dump.
  virtual std::optional<uint64_t> physical(uint64_t virt) const = 0;

  // False: a byte of it is not there. Page tables may map one page everywhere: a caller that reads on until
  // something ends needs a bound of its own.
  bool read(uint64_t virt, std::span<std::byte> out) const;
  template <typename T>
  std::optional<T> value(uint64_t virt) const {
    T number{};
    if (!read(virt, std::as_writable_bytes(std::span(&number, 1)))) return std::nullopt;
    return number;
  }

 protected:
  explicit AddressSpace(const image::Memory& memory) : memory_(memory) {}
  const image::Memory& memory_;
};

// Errors: VMCOREINFO is of another machine, or lacks what its machine needs. `memory` must outlive it.
Result<std::unique_ptr<AddressSpace>> open_address_space(const image::Memory& memory,
                                                         std::string_view vmcoreinfo);

// The two that there are; tried by open_address_space().
Result<std::unique_ptr<AddressSpace>> open_x86_64(const image::Memory& memory, std::string_view vmcoreinfo);
Result<std::unique_ptr<AddressSpace>> open_arm64(const image::Memory& memory, std::string_view vmcoreinfo);

}  // namespace khover::kernel
