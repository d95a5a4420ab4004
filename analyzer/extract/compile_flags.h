// Compiler arguments that make a kernel's headers, or plain ones, parse as the kernel build
// would parse them.
#pragma once

#include <string>
#include <vector>

#include "extract/kernel_tree.h"

namespace khover::extract {

// Understood by clang and gcc alike, except for the target. `forced_include` names the file with
// the configuration's changes; empty: there are none.
std::vector<std::string> kernel_flags(const KernelTree& tree, const std::string& forced_include);

// Headers of no kernel: freestanding C.
std::vector<std::string> plain_flags(const std::string& forced_include);

std::vector<std::string> include_flags(const std::vector<std::string>& directories);

// clang compiles for any target; gcc is built for one.
std::string clang_target(Arch arch);

}  // namespace khover::extract
