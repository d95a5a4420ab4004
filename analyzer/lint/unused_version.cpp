// docs/lint/unused-version.md
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "lint/checks.h"

namespace khover::lint {
namespace {

namespace fs = std::filesystem;

void take_out(const std::string& text, std::set<std::string>& unused) {
  std::erase_if(unused, [&](const std::string& name) { return text.find(name) != std::string::npos; });
}

// Takes out of `unused` what a file below `folder` names; false: there is no C file. Links are not followed:
// they may lead out of the tree.
bool search(const Headers& headers, const char* folder, std::set<std::string>& unused) {
  bool any = false;
  std::error_code error;
  const fs::path tree = headers.tree;
  for (fs::recursive_directory_iterator entry(tree / folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".c" || entry->is_symlink(error) || !entry->is_regular_file(error))
      continue;
    any = true;
    if (headers.replaced.contains(entry->path().lexically_relative(tree).generic_string())) continue;
    std::ifstream file(entry->path(), std::ios::binary);
    std::ostringstream stream;
    stream << file.rdbuf();
    take_out(std::move(stream).str(), unused);
    if (unused.empty()) break;
  }
  return any;
}

void run(const Headers& headers, Reporter& reporter) {
  static constexpr std::array<const char*, 7> folders = {"kernel", "mm",   "lib", "drivers",
                                                         "fs",     "arch", "init"};
  std::set<std::string> unused;
  for (const auto& [name, constant] : headers.snapshot.constants) {
    if (abi::is_version(constant) && headers.is_listed(constant.file)) unused.insert(name);
  }
  if (unused.empty()) return;
  bool any = false;
  for (const auto& [path, text] : headers.replaced) {
    if (text.empty()) continue;
    any = true;
    take_out(text, unused);
  }
  for (const char* folder : folders) {
    if (!headers.tree.empty() && !unused.empty()) any = search(headers, folder, unused) || any;
  }
  if (!any) {
    reporter.not_judged("there are no C sources: give a source tree rather than headers");
    return;
  }
  for (const std::string& name : unused) {
    const abi::Constant& constant = headers.snapshot.constants.at(name);
    reporter.at(
        headers.place_of_word(constant.file, constant.line, name), name,
        fmt::format("no source file uses '{}': nothing writes this version, or nothing tests it", name));
  }
}

}  // namespace

const Check unused_version_check = {"unused-version", "no source file uses a version macro", "0.1",
                                    Severity::warning, run};

}  // namespace khover::lint
