// Integers wider than the standard library prints or parses: __int128 as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace khover::abi {

// Decimal up to 65535 and for negative values, hexadecimal above: sizes and counts read as
// numbers, masks and addresses as bits.
std::string integer_text(__int128 value);

// Decimal, or hexadecimal with 0x, with an optional minus; nullopt for anything else.
std::optional<__int128> parse_integer(std::string_view text);

}  // namespace khover::abi
