// A command never writes to what it reads, under whatever name.
#pragma once

#include <string>

#include "error/error.h"

namespace khover::output {

// `path` is read by this process: a file, or a folder, which means all files in it. A command says so of
// everything that it was given, before it writes anything; names of other things than files do no harm.
void reads(const std::string& path);

// An error when `output` exists and is one of those, by device and inode, or is in a folder among them.
Result<void> is_no_input(const std::string& output);

}  // namespace khover::output
