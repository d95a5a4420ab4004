#include "abi/integer_text.h"

#include <algorithm>

namespace khover::abi {
namespace {

constexpr __int128 largest = static_cast<__int128>((static_cast<unsigned __int128>(1) << 127) - 1);
constexpr __int128 smallest = -largest - 1;

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

}  // namespace

std::string integer_text(__int128 value) {
  const bool hexadecimal = value > 65535;
  const unsigned base = hexadecimal ? 16 : 10;
  // Negate as unsigned: the smallest value has no positive counterpart.
  auto magnitude = static_cast<unsigned __int128>(value);
  if (value < 0) magnitude = 0 - magnitude;
  std::string text;
  do {
    text += "0123456789abcdef"[static_cast<unsigned>(magnitude % base)];
    magnitude /= base;
  } while (magnitude != 0);
  if (hexadecimal) text += "x0";
  if (value < 0) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

std::optional<__int128> parse_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  const int base = hexadecimal ? 16 : 10;
  if (text.empty()) return std::nullopt;
  __int128 value = 0;  // built on the negative side, which has room for every magnitude
  for (char c : text) {
    const int digit = digit_value(c);
    if (digit >= base) return std::nullopt;
    if (value < (smallest + digit) / base) return std::nullopt;
    value = value * base - digit;
  }
  if (negative) return value;
  if (value == smallest) return std::nullopt;
  return -value;
}

}  // namespace khover::abi
