#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <sstream>
#include <string>

#include "cli/khover/commands.h"
#include "cli/khover/khover_abi.h"
#include "cli/version.h"
#include "confine/confine.h"
#include "output/standard.h"

namespace khover::cli {

int report_error(const Error& error) {
  output::say(sentence(error));
  return kCannotAnswer;
}

namespace {

int run(int argc, char** argv) {
  // `khover abi …` and `khover review …` are khover-abi's.
  if (argc > 1 && (std::string(argv[1]) == "abi" || std::string(argv[1]) == "review")) {
    return run_khover_abi(argc, argv);
  }
  // new-subsystem starts khover-abi, and does the same after that.
  if (argc < 2 || std::string(argv[1]) != "new-subsystem") confine::give_up_privileges();
  CLI::App app("khover: checks that the state one kernel hands over to the next is well-formed", "khover");
  app.set_version_flag("--version", version_line("khover", KHOVER_VERSION));
  app.require_subcommand(1);
  int status = kNothingToObject;
  add_check(app, status);
  add_carve(app, status);
  add_dump(app, status);
  add_new_subsystem(app, status);
  add_precheck(app, status);
  add_rules(app, status);
  add_triage(app, status);
  app.add_subcommand("abi", "extract the serialized ABI from kernel headers (runs khover-abi)");
  app.add_subcommand("review", "review patches of code that writes or reads images (runs khover-abi)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return report_error({"", error.what(), "see `khover --help`"});
    std::ostringstream text;
    app.exit(error, text, text);  // help and version
    output::put(text.str());
  }
  return status;
}

}  // namespace
}  // namespace khover::cli

int main(int argc, char** argv) {
  using namespace khover;
  output::prepare("khover");
  try {
    const int status = cli::run(argc, argv);
    const Result<void> written = output::finish();
    return written ? status : cli::report_error(written.error());
  } catch (const std::exception& error) {
    // No part of khover throws on purpose: a library did, or there is no more memory for what was asked.
    return cli::report_error(
        {"", std::string("cannot go on: ") + error.what(), "please report it with the image"});
  }
}
