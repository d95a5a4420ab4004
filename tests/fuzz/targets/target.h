// What every target shares: its input as bytes and as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#define KHOVER_FUZZ_TARGET(input)                                           \
  static void run_target(std::span<const std::byte> input);                 \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);  \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { \
    run_target({reinterpret_cast<const std::byte*>(data), size});           \
    return 0;                                                               \
  }                                                                         \
  static void run_target(std::span<const std::byte> input)

namespace khover::fuzz {

inline std::string text(std::span<const std::byte> input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

}  // namespace khover::fuzz
