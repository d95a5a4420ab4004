#include "cli/khover-abi/files.h"

#include <fstream>
#include <sstream>

#include "output/inputs.h"

namespace khover::cli {

Result<std::string> read_whole_file(const std::string& path) {
  output::reads(path);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(path, "cannot be read", "give a readable file");
  return text.str();
}

}  // namespace khover::cli
