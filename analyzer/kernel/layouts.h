// Where the fields of the dumped kernel's own variables are: by the BTF that it carries, else by the
// layouts that a pack declares.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "btf/types.h"
#include "kernel/address_space.h"
#include "kernel/kallsyms.h"
#include "pack/kernel_symbols.h"

namespace khover::kernel {

// The symbols between which a kernel has its BTF.
inline constexpr const char* kBtfStart = "__start_BTF";
inline constexpr const char* kBtfEnd = "__stop_BTF";

// Nothing: the kernel has none, or it is not in the dump.
std::optional<btf::Types> read_btf(const AddressSpace& space, const Symbols& symbols);

class Layouts {
 public:
  Layouts(const std::optional<btf::Types>& btf, const std::vector<pack::KernelLayout>& declared)
      : btf_(btf), declared_(declared) {}

  // Whether the fields are those of this very kernel.
  bool exact() const { return btf_.has_value(); }

  // Where the field may be, likeliest first; one place at most when exact().
  std::vector<btf::Place> places(const std::string& record, const std::string& field) const;

 private:
  const std::optional<btf::Types>& btf_;
  const std::vector<pack::KernelLayout>& declared_;
};

}  // namespace khover::kernel
