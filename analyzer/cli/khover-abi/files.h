// Files as a whole, for the commands of khover-abi.
#pragma once

#include <string>

#include "error/error.h"

namespace khover::cli {

Result<std::string> read_whole_file(const std::string& path);
// "-" is the standard output.
Result<void> write_whole_file(const std::string& path, const std::string& text);

}  // namespace khover::cli
