// The text of rules/, comments and all, as it was when khover was built (yaml/embed.cpp). What khover itself
// reads is pack/embedded_rules.h: trees, which cost no parsing.
#pragma once

#include <string>
#include <string_view>

#include "error/error.h"

namespace khover::cli {

// Compressed with zstd: name, newline, size, newline, bytes of each file.
std::string_view rules_archive();

// Writes them to a folder, which may not have files of these names.
Result<size_t> export_rules(const std::string& folder);

}  // namespace khover::cli
