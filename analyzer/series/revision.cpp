#include "series/revision.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "error/try.h"
#include "output/file.h"
#include "series/series.h"

namespace khover::series {
namespace {

namespace fs = std::filesystem;

constexpr size_t block = 512;  // of a tar archive

uint64_t octal(std::string_view text) {
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') break;
    value = value * 8 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

std::string_view field(std::string_view header, size_t offset, size_t size) {
  const std::string_view text = header.substr(offset, size);
  return text.substr(0, text.find('\0'));
}

// "27 path=include/…\n" records of a pax header.
std::string pax_path(std::string_view records) {
  while (!records.empty()) {
    size_t length = 0;
    const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
    if (error != std::errc() || length == 0 || length > records.size()) return "";
    const size_t begin = static_cast<size_t>(end - records.data()) + 1;
    if (begin >= length) return "";
    const std::string_view record = records.substr(begin, length - begin - 1);
    if (record.starts_with("path=")) return std::string(record.substr(5));
    records.remove_prefix(length);
  }
  return "";
}

// Regular files only: a link could lead out of the folder.
Result<void> unpack(std::string_view archive, const fs::path& folder) {
  std::string long_name;
  while (archive.size() >= block) {
    const std::string_view header = archive.substr(0, block);
    archive.remove_prefix(block);
    if (header[0] == '\0') break;
    const uint64_t size = octal(field(header, 124, 12));
    if (size > archive.size()) return fail("git archive", "its output ends too early");
    const std::string_view content = archive.substr(0, size);
    archive.remove_prefix(std::min<size_t>(archive.size(), (size + block - 1) / block * block));
    const char type = header[156];
    if (type == 'x') long_name = pax_path(content);
    if (type == 'x' || type == 'g') continue;
    std::string name(field(header, 345, 155));
    name += (name.empty() ? "" : "/") + std::string(field(header, 0, 100));
    if (!long_name.empty()) name = std::move(long_name);
    long_name.clear();
    if ((type != '0' && type != '\0') || !is_inside_tree(name)) continue;
    std::error_code error;
    fs::create_directories((folder / name).parent_path(), error);
    TRY(output::write_file(folder / name, content));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<TemporaryFolder>> headers_at(const std::string& tree, const std::string& revision) {
  const std::string commit = TRY(commit_of(tree, revision));
  const std::string listed =
      TRY(git_output(tree, {"ls-tree", "-z", "--name-only", "--full-tree", commit, "--", "include",
                            "arch/x86/include", "arch/arm64/include"}));
  std::vector<std::string> words = {"archive", "--format=tar", commit, "--"};
  std::string_view rest = listed;
  while (!rest.empty()) {
    const std::string path(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(std::min(rest.size(), path.size() + 1));
    words.push_back(path);
  }
  if (words.size() == 4) return fail(revision, "has no include folder", "give a tree of Linux");
  std::vector<std::string> disarmed = TRY(without_filters(tree));
  disarmed.insert(disarmed.end(), words.begin(), words.end());
  const std::string archive = TRY(git_output(tree, disarmed));
  auto folder = std::make_unique<TemporaryFolder>();
  if (folder->path().empty()) return fail("", "cannot create a temporary folder", "set TMPDIR");
  TRY(unpack(archive, folder->path()));
  return folder;
}

}  // namespace khover::series
