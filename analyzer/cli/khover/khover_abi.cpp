#include "cli/khover/khover_abi.h"

#include <unistd.h>

#include <filesystem>
#include <vector>

#include "cli/khover/commands.h"

namespace khover::cli {

std::string khover_abi_program() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path beside = self.parent_path() / "khover-abi";
  return !error && std::filesystem::exists(beside, error) ? beside.string() : "khover-abi";
}

int run_khover_abi(int argc, char** argv) {
  std::vector<std::string> words = {"khover-abi"};
  for (int i = std::string(argv[1]) == "abi" ? 2 : 1; i < argc; ++i) words.emplace_back(argv[i]);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(khover_abi_program().c_str(), arguments.data());
  return report_error(
      {"khover-abi", "is neither in the folder of khover nor in PATH", "build it with ./dev build"});
}

}  // namespace khover::cli
