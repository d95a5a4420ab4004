// The compressions that a kernel can be built with (init/Kconfig: KERNEL_GZIP … KERNEL_ZSTD).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "error/error.h"

namespace khover::target {

// More than the largest kernel takes unpacked.
inline constexpr size_t kMaxUnpacked = size_t{1} << 30;

// "gzip", "xz", …, by the first bytes; empty: none of them.
std::string compression_of(std::span<const std::byte> bytes);

// The stream that begins there, whatever follows it. Errors name `where`: damaged, cut, larger than
// kMaxUnpacked, or a compression that khover was built without.
Result<std::vector<std::byte>> unpack(std::span<const std::byte> bytes, const std::string& where);

}  // namespace khover::target
