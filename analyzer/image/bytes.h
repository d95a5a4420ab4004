// Integers out of file headers, bounds checked by the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace khover::image {

template <typename T>
T little_endian(std::span<const std::byte> bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = sizeof(T); i-- > 0;) value = value << 8 | std::to_integer<uint64_t>(bytes[at + i]);
  return static_cast<T>(value);
}

template <typename T>
T big_endian(std::span<const std::byte> bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = value << 8 | std::to_integer<uint64_t>(bytes[at + i]);
  return static_cast<T>(value);
}

}  // namespace khover::image
