#include "output/inputs.h"

#include <sys/stat.h>

#include <filesystem>
#include <vector>

namespace khover::output {
namespace {

// By device and inode: links, other spellings and other mounts are the same file.
bool same(const std::string& path, const struct stat& file) {
  struct stat one{};
  return ::stat(path.c_str(), &one) == 0 && one.st_dev == file.st_dev && one.st_ino == file.st_ino;
}

std::vector<std::string>& inputs() {
  static std::vector<std::string> all;
  return all;
}

}  // namespace

void reads(const std::string& path) {
  if (!path.empty()) inputs().push_back(path);
}

Result<void> is_no_input(const std::string& output) {
  namespace fs = std::filesystem;
  struct stat target{};
  // Only a regular file has content that can be lost.
  if (::stat(output.c_str(), &target) != 0 || !S_ISREG(target.st_mode)) return {};
  std::error_code error;
  const fs::path real = fs::canonical(output, error);
  for (const std::string& input : inputs()) {
    struct stat one{};
    if (::stat(input.c_str(), &one) != 0) continue;
    if (same(input, target)) {
      return fail(
          output,
          input == output ? "is read by this command" : "is the file " + input + ", which this command reads",
          "name another file for the output");
    }
    if (!S_ISDIR(one.st_mode) || error) continue;
    for (fs::path folder = real.parent_path(); !folder.empty(); folder = folder.parent_path()) {
      if (same(folder.string(), one))
        return fail(output, "is in the folder " + input + ", which this command reads",
                    "name a file elsewhere for the output");
      if (folder == folder.root_path()) break;
    }
  }
  return {};
}

}  // namespace khover::output
