#include "image/vmcoreinfo.h"

#include <charconv>

namespace khover::image {

std::optional<std::string_view> vmcoreinfo_value(std::string_view text, std::string_view key) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == '=') {
      return line.substr(key.size() + 1);
    }
    at = end + 1;
  }
  return std::nullopt;
}

namespace {

std::optional<uint64_t> parse(std::string_view digits, int base) {
  if (digits.starts_with("0x")) {
    digits.remove_prefix(2);
    base = 16;
  }
  uint64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (failure != std::errc() || end == digits.data()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<uint64_t> vmcoreinfo_number(std::string_view text, std::string_view key, int base) {
  const std::optional<std::string_view> digits = vmcoreinfo_value(text, key);
  return digits ? parse(*digits, base) : std::nullopt;
}

std::optional<uint64_t> vmcoreinfo_integer(std::string_view text, std::string_view key) {
  const std::optional<std::string_view> digits = vmcoreinfo_value(text, key);
  if (!digits) return std::nullopt;
  if (!digits->starts_with("-")) return parse(*digits, 10);
  const std::optional<uint64_t> value = parse(digits->substr(1), 10);
  return value ? std::optional(0 - *value) : std::nullopt;
}

}  // namespace khover::image
