#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "cli/khover/rules_archive.h"
#include "error/try.h"
#include "output/file.h"

namespace khover::cli {
namespace {

// By name. Our own archive: what is wrong with it is a defect of the build.
Result<std::map<std::string, std::string>> files_of(std::string_view archive) {
  std::string bytes(ZSTD_getFrameContentSize(archive.data(), archive.size()), '\0');
  const size_t size = ZSTD_decompress(bytes.data(), bytes.size(), archive.data(), archive.size());
  if (ZSTD_isError(size) || size != bytes.size())
    return fail("khover", "its rules cannot be unpacked", "build it again");
  std::map<std::string, std::string> files;
  for (size_t at = 0; at < size;) {
    const size_t name_end = bytes.find('\n', at), size_end = bytes.find('\n', name_end + 1);
    const size_t length = std::stoull(bytes.substr(name_end + 1, size_end - name_end - 1));
    files[bytes.substr(at, name_end - at)] = bytes.substr(size_end + 1, length);
    at = size_end + 1 + length;
  }
  return files;
}

}  // namespace

Result<size_t> export_rules(const std::string& folder) {
  namespace fs = std::filesystem;
  auto files = files_of(rules_archive());
  if (!files) return tl::unexpected(files.error());
  for (const auto& [name, text] : *files) {
    if (fs::exists(fs::path(folder) / name))
      return fail(folder + "/" + name, "is there already", "name a folder that has no rules yet");
  }
  for (const auto& [name, text] : *files) {
    const fs::path path = fs::path(folder) / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    TRY(output::write_file(path.string(), text));
  }
  return files->size();
}

}  // namespace khover::cli
