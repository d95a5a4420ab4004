// --suppressions, --baseline and --update-baseline, of every command that has findings.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "error/error.h"
#include "findings/finding.h"

namespace khover::cli {

struct WaiverOptions {
  std::string suppressions, baseline;
  bool update = false;

  void add_to(CLI::App& command);
  // Marks the findings that the files know. Errors name file and line.
  Result<void> apply(findings::Report& report) const;
};

}  // namespace khover::cli
