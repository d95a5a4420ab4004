#pragma once

#include <string>

namespace khover::extract {

// clang's own headers (stddef.h, stdint.h), which plain headers need and kernels do not. "" when
// they are not installed.
std::string resource_directory();

}  // namespace khover::extract
