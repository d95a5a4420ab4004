// What happens when a mapped file cannot be read any more: SIGBUS, which would end the process without a
// word.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace khover::image {

// From now on a SIGBUS in `bytes` ends the process with a sentence about `path` and exit status 2.
void guard_mapping(std::span<const std::byte> bytes, const std::string& path);
void forget_mapping(std::span<const std::byte> bytes);

}  // namespace khover::image
