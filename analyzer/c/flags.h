// How one C file of a tree is compiled: by its compilation database where it has one, else as the tree's
// Makefiles would.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "error/error.h"
#include "extract/kernel_tree.h"

namespace khover::c {

// Options that the Makefile beside `file` builds it for: "obj-$(CONFIG_X) += name.o" gives "CONFIG_X=y".
// `makefile`: its text.
std::vector<std::string> options_of(const std::string& makefile, const std::string& file);

// compile_commands.json: arguments by file, reduced to those that say how C is read (-D, -U, -I, -include,
// -std, -f…, -m…). Nothing that loads code or writes files is left.
Result<std::map<std::string, std::vector<std::string>>> read_compile_commands(const std::string& json,
                                                                              const std::string& name);

// What the kernel's build adds for each file.
std::vector<std::string> module_flags(const std::string& file);

}  // namespace khover::c
