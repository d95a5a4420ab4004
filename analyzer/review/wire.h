// Findings on their way from the process that parses to the one that reports.
#pragma once

#include <string>

#include "error/error.h"
#include "findings/suppressions.h"
#include "review/findings.h"

namespace khover::review {

std::string pack(const Result<Findings>& findings);
Result<Findings> unpack(const std::string& text);

}  // namespace khover::review
