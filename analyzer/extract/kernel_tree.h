// Where the parts of a kernel tree are, and what the tree says about itself.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "error/error.h"

namespace khover::extract {

enum class Arch { x86_64, arm64 };

const char* name_of(Arch arch);

struct KernelTree {
  std::string source;     // absolute; holds include/linux
  std::string generated;  // absolute; holds include/generated, may equal source
  Arch arch = Arch::x86_64;
  std::string release;                               // "7.3.4+deb13-amd64"
  std::map<std::string, std::string> configuration;  // autoconf.h: CONFIG_X -> its replacement
};

// `arch` "" takes the one that the tree is configured for.
Result<KernelTree> find_kernel_tree(const std::string& kernel, const std::string& generated,
                                    const std::string& arch);

// Every header of include/linux/kho/abi, relative to the tree, sorted.
Result<std::vector<std::string>> handover_headers(const KernelTree& tree);

Result<Arch> parse_arch(const std::string& name);

}  // namespace khover::extract
