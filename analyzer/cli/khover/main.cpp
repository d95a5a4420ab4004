#include <unistd.h>

#include <exception>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "cli/khover/commands.h"
#include "confine/confine.h"
#include "output/standard.h"

namespace khover::cli {

int report_error(const Error& error) {
  output::say(sentence(error));
  return kCannotAnswer;
}

namespace {

// `khover abi …` and `khover review …` run khover-abi, which links clang and lies beside khover.
int run_khover_abi(int argc, char** argv) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::vector<std::string> words = {"khover-abi"};
  for (int i = std::string(argv[1]) == "abi" ? 2 : 1; i < argc; ++i) words.emplace_back(argv[i]);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (!error) execv((self.parent_path() / "khover-abi").c_str(), arguments.data());
  execvp("khover-abi", arguments.data());
  return report_error(
      {"khover-abi", "is neither in the folder of khover nor in PATH", "build it with ./dev build"});
}

int run(int argc, char** argv) {
  if (argc > 1 && (std::string(argv[1]) == "abi" || std::string(argv[1]) == "review")) {
    return run_khover_abi(argc, argv);
  }
  confine::give_up_privileges();
  CLI::App app("khover: checks that the state one kernel hands over to the next is well-formed", "khover");
  app.set_version_flag("--version", "khover " KHOVER_VERSION);
  app.require_subcommand(1);
  int status = kNothingToObject;
  add_check(app, status);
  add_carve(app, status);
  add_dump(app, status);
  add_rules(app, status);
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
