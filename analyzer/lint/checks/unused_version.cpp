// docs/lint/unused-version.md
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>

#include "lint/checks.h"

namespace khover::lint {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kMostOfAFile = uintmax_t{64} << 20;  // bytes; the largest of Linux have 3 MB

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool names(const std::string& text, const std::string& word) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !in_word(text[at - 1])) && (end == text.size() || !in_word(text[end]))) return true;
  }
  return false;
}

void take_out(const std::string& text, std::set<std::string>& unused) {
  std::erase_if(unused, [&](const std::string& name) { return names(text, name); });
}

// Takes out of `unused` what a file below `folder` names; false: there is no C file. Links are not followed:
// they may lead out of the tree.
bool search(const Headers& headers, const char* folder, std::set<std::string>& unused) {
  bool any = false;
  const fs::path tree = headers.tree;
  std::string text;
  std::error_code error, no_entry;
  for (fs::recursive_directory_iterator
           entry(tree / folder, fs::directory_options::skip_permission_denied, error),
       end;
       !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".c" || entry->is_symlink(no_entry) || !entry->is_regular_file(no_entry))
      continue;
    any = true;
    if (headers.replaced.contains(entry->path().lexically_relative(tree).generic_string())) continue;
    const uintmax_t size = entry->file_size(no_entry);
    if (no_entry) continue;
    std::ifstream file(entry->path(), std::ios::binary);
    text.resize(std::min(size, kMostOfAFile));
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    take_out(text, unused);
    if (unused.empty()) break;
  }
  return any;
}

void run(const Headers& headers, Reporter& reporter) {
  // Where users of KHO are, first: who finds all names reads no further.
  static constexpr std::array folders = {"kernel",   "mm",    "lib",     "virt",     "fs",
                                         "init",     "block", "crypto",  "io_uring", "ipc",
                                         "security", "net",   "drivers", "arch",     "sound"};
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
    reporter.not_judged("there are no C sources: pass a source tree instead of headers");
    return;
  }
  for (const std::string& name : unused) {
    const abi::Constant& constant = headers.snapshot.constants.at(name);
    reporter.at(
        headers.place_of_word(constant.file, constant.line, name), name,
        fmt::format("no source file uses '{}': this version is never written, or never checked", name));
  }
}

}  // namespace

const Check unused_version_check = {"unused-version", "no source file uses a version macro", "0.1",
                                    Severity::warning, run};

}  // namespace khover::lint
