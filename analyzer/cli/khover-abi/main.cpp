// khover-abi: the half of khover that reads C. One subcommand, one file.
#include <CLI/CLI.hpp>
#include <exception>
#include <sstream>

#include "cli/khover-abi/commands.h"
#include "cli/version.h"
#include "output/standard.h"

namespace {

int run(int argc, char** argv) {
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
    if (error.get_exit_code() != 0) {
      khover::output::say(std::string(error.what()) + "; see --help");
      return 2;
    }
    std::ostringstream text;
    app.exit(error, text, text);  // help and version
    khover::output::put(text.str());
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace khover;
  // People type `khover review`.
  const bool review = argc > 1 && std::string(argv[1]) == "review";
  output::prepare(review ? "khover" : "khover-abi");
  try {
    const int status = run(argc, argv);
    const Result<void> written = output::finish();
    if (written) return status;
    output::say(sentence(written.error()));
  } catch (const std::exception& error) {
    output::say(std::string("cannot go on: ") + error.what() + "; please report it with what was read");
  }
  return 2;
}
