// Input files as a whole, for the commands of khover-abi.
#pragma once

#include <string>

#include "error/error.h"

namespace khover::cli {

Result<std::string> read_whole_file(const std::string& path);

}  // namespace khover::cli
