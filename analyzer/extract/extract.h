// Headers in, ABI snapshot out: layouts, enumerations and constants as clang sees them in one
// translation unit that includes all of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "error/error.h"

namespace khover::extract {

struct Request {
  // Linux source tree, or Debian's linux-headers-*-common folder. Empty: the headers are plain C
  // headers, parsed freestanding.
  std::string kernel;
  // Where include/generated/autoconf.h is; empty: the kernel tree itself or the Debian flavour
  // folder beside it.
  std::string generated;
  std::string arch;        // "x86_64" or "arm64"; empty: what the tree is configured for
  uint64_t page_size = 0;  // bytes; 0: what the tree is configured for
  // "NAME=VALUE", later ones win. NAME with CONFIG_ in front follows .config: y, m, n or a value.
  // Others become macros, defined before the first header.
  std::vector<std::string> overrides;
  std::vector<std::string> include_directories;  // searched after the tree's own
  // Where files may be read from, absolute and canonical; empty: anywhere. For headers of a stranger.
  std::vector<std::string> folders;
  // Relative to the tree, to its include/, to the current folder or to an include directory.
  // Empty: every header of the tree's include/linux/kho/abi.
  std::vector<std::string> headers;
};

// Stands in Extraction::gcc_arguments for the file that has the configuration's changes.
inline constexpr const char* configuration_path = "/khover-unit/configuration.h";

struct Extraction {
  abi::Snapshot snapshot;
  // What was left out and why, one sentence each: macros that are neither integer nor string.
  std::vector<std::string> notes;
  // For a proof by another compiler (abi/c_asserts.h): operands of #include, gcc's arguments, and the
  // contents of the one forced include among them that exists nowhere yet, configuration_path.
  std::vector<std::string> includes;
  std::vector<std::string> gcc_arguments;
  std::string configuration;
};

// All headers or an error; never a part of them.
Result<Extraction> extract(const Request& request);

}  // namespace khover::extract
