// What the person asks to be different from the tree's own configuration, as text that clang
// includes right after linux/kconfig.h: a -D on the command line would lose to autoconf.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "error/error.h"
#include "extract/kernel_tree.h"

namespace khover::extract {

struct Configuration {
  std::vector<std::string> changes;  // "CONFIG_X=y", what differs from the tree, in the order given
  std::string forced_include;        // #undef and #define lines; empty: nothing differs
};

// `overrides` are Request::overrides; `tree` is the autoconf.h of the tree, empty without one.
Result<Configuration> configure(const std::vector<std::string>& overrides,
                                const std::map<std::string, std::string>& tree);

// The options that select a page size, to be put before the person's own overrides.
Result<std::vector<std::string>> page_size_overrides(const KernelTree& tree, uint64_t page_size);

// .config text (CONFIG_X=y, # CONFIG_X is not set) as overrides.
Result<std::vector<std::string>> parse_config(const std::string& text, const std::string& name);

}  // namespace khover::extract
