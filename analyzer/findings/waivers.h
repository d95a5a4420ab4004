// Findings that are known: by a file of suppressions with reasons, or by a baseline.
#pragma once

#include <string>

#include "error/error.h"
#include "findings/finding.h"

namespace khover::findings {

// YAML: a list of {check, file, subject, reason}; globs, all but check and reason may be left out.
// Marks what they fit, and warns of those that fit nothing though their check ran.
Result<void> apply_suppression_file(const std::string& yaml, const std::string& name, Report& report);

// One fingerprint a line, with the finding after it for people.
std::string write_baseline(const Report& report);
// Marks what is in the baseline; as many equal findings as it has.
Result<void> apply_baseline(const std::string& text, const std::string& name, Report& report);

}  // namespace khover::findings
