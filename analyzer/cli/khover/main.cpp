#include <cstdio>
#include <string>

#include "cli/khover/commands.h"
#include "cli/khover/khover_abi.h"
#include "cli/version.h"
#include "findings/printable.h"

namespace khover::cli {

int report_error(const Error& error) {
  std::fprintf(stderr, "khover: %s\n", findings::printable(sentence(error)).c_str());
  return kCannotAnswer;
}

namespace {

int run(int argc, char** argv) {
  // `khover abi …` and `khover review …` are khover-abi's.
  if (argc > 1 && (std::string(argv[1]) == "abi" || std::string(argv[1]) == "review")) {
    return run_khover_abi(argc, argv);
  }
  CLI::App app("khover: checks that the state one kernel hands over to the next is well-formed", "khover");
  app.set_version_flag("--version", version_line("khover", KHOVER_VERSION));
  app.require_subcommand(1);
  int status = kNothingToObject;
  add_check(app, status);
  add_carve(app, status);
  add_dump(app, status);
  add_new_subsystem(app, status);
  add_rules(app, status);
  app.add_subcommand("abi", "extract the serialized ABI from kernel headers (runs khover-abi)");
  app.add_subcommand("review", "review patches of code that writes or reads images (runs khover-abi)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return report_error({"", error.what(), "see `khover --help`"});
    app.exit(error);  // help and version
  }
  return status;
}

}  // namespace
}  // namespace khover::cli

int main(int argc, char** argv) { return khover::cli::run(argc, argv); }
