// khover-abi: the half of khover that reads C. One subcommand, one file.
#include <CLI/CLI.hpp>

#include "cli/khover-abi/commands.h"
#include "cli/version.h"

int main(int argc, char** argv) {
  CLI::App app("khover-abi: the ABI of Kexec HandOver, as the headers declare it");
  app.set_version_flag("--version", khover::cli::version_line("khover-abi", KHOVER_VERSION));
  app.require_subcommand(1);

  int status = 0;
  khover::cli::add_extract_command(app, status);
  khover::cli::add_diff_command(app, status);
  khover::cli::add_lint_command(app, status);
  khover::cli::add_review_command(app, status);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 numbers its errors; khover's exit status 2 is "cannot answer".
    return app.exit(error) == 0 ? 0 : 2;
  }
  return status;
}
