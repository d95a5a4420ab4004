// The subcommands of khover-abi. Each adds itself to the command line and leaves its exit status
// in `status` when it is the one that was typed.
#pragma once

#include <CLI/CLI.hpp>

namespace khover::cli {

void add_extract_command(CLI::App& app, int& status);
void add_diff_command(CLI::App& app, int& status);
void add_lint_command(CLI::App& app, int& status);
void add_review_command(CLI::App& app, int& status);

}  // namespace khover::cli
