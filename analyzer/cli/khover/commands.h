// The subcommands of khover. Each adds itself to the parser and leaves its exit status.
#pragma once

#include <CLI/CLI.hpp>

#include "error/error.h"

namespace khover::cli {

// Exit status of every command.
constexpr int kNothingToObject = 0;
constexpr int kViolated = 1;
constexpr int kCannotAnswer = 2;
constexpr int kUndetermined = 3;

void add_carve(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_dump(CLI::App& app, int& status);
void add_new_subsystem(CLI::App& app, int& status);
void add_precheck(CLI::App& app, int& status);
void add_rules(CLI::App& app, int& status);
void add_triage(CLI::App& app, int& status);

// The one place where an error becomes text.
int report_error(const Error& error);

}  // namespace khover::cli
