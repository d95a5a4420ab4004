// Checks on the headers of an ABI.
#pragma once

#include <string>
#include <vector>

#include "error/error.h"
#include "lint/check.h"

namespace khover::lint {

// `checks`: see selection.h.
Result<Report> lint(const Headers& headers, const std::string& checks);

std::vector<std::string> check_ids();

}  // namespace khover::lint
