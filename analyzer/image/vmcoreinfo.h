// VMCOREINFO: lines KEY=VALUE that the dumped kernel wrote about itself (kernel/vmcore_info.c).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace khover::image {

// The value of the line `key`=; keys as in "PAGESIZE", "SYMBOL(init_top_pgt)".
std::optional<std::string_view> vmcoreinfo_value(std::string_view text, std::string_view key);

std::optional<uint64_t> vmcoreinfo_number(std::string_view text, std::string_view key, int base = 10);

// The same for signed numbers, as NUMBER(…) is written; as two's complement.
std::optional<uint64_t> vmcoreinfo_integer(std::string_view text, std::string_view key);

}  // namespace khover::image
