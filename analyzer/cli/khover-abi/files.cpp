#include "cli/khover-abi/files.h"

#include <cstdio>
#include <fstream>
#include <sstream>

namespace khover::cli {

Result<std::string> read_whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(path, "cannot be read", "give a readable file");
  return text.str();
}

Result<void> write_whole_file(const std::string& path, const std::string& text) {
  if (path == "-") {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
      return fail("standard output", "cannot be written");
    }
    return {};
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return fail(path, "cannot be written", "give a file in a folder that you may write to");
  return {};
}

}  // namespace khover::cli
