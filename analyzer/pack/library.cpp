#include "pack/library.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "abi/merge.h"
#include "error/try.h"
#include "pack/embedded_rules.h"
#include "yaml/packed.h"

namespace khover::pack {
namespace {

constexpr std::string_view kSuffix = ".yaml";
constexpr std::string_view kTemplateSuffix = ".template.yaml";
constexpr std::string_view kSymbolsSuffix = ".symbols.yaml";
constexpr std::string_view kTargetSuffix = ".target.yaml";
constexpr std::string_view kAbi = "abi/";
constexpr std::string_view kEarlier = "earlier/";

}  // namespace

Library Library::built_in() {
  Library library;
  for (const EmbeddedFile& file : embedded_rules())
    library.files_.push_back({file.path, std::string("rules/") + file.path, std::string(file.bytes), true});
  return library;
}

Result<Library> Library::from_folder(const std::string& folder) {
  Library library;
  TRY(library.add(folder));
  if (library.snapshot_names().empty()) {
    for (const File& file : built_in().files_) {
      if (file.path.starts_with(kAbi) && !library.find(file.path)) library.files_.push_back(file);
    }
    library.sort();
  }
  return library;
}

Result<void> Library::add(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<File> found;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(folder, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (!it->is_regular_file() || !it->path().string().ends_with(kSuffix)) continue;
    std::ifstream stream(it->path());
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) return fail(it->path().string(), "cannot be read");
    found.push_back({it->path().lexically_relative(folder).generic_string(), it->path().generic_string(),
                     text.str(), false});
  }
  if (error)
    return fail(folder, "cannot be read: " + error.message(), "give the folder that holds the rule packs");
  if (found.empty()) return fail(folder, "holds no .yaml file", "give the folder that holds the rule packs");
  for (File& file : found) {
    std::erase_if(files_, [&](const File& other) { return other.path == file.path; });
    files_.push_back(std::move(file));
  }
  sort();
  return {};
}

void Library::sort() {
  std::sort(files_.begin(), files_.end(), [](const File& a, const File& b) { return a.path < b.path; });
}

const Library::File* Library::find(const std::string& path) const {
  const auto found =
      std::find_if(files_.begin(), files_.end(), [&](const File& file) { return file.path == path; });
  return found == files_.end() ? nullptr : &*found;
}

Result<yaml::Node> Library::tree(const File& file) {
  return file.packed ? yaml::unpack(file.bytes, file.shown) : yaml::read(file.bytes, file.shown);
}

Result<std::vector<PackFile>> Library::packs(std::vector<Error>* all) const {
  std::vector<Error> wrong;
  std::optional<Error> broken_template;
  const TemplateSource templates = [&](const std::string& name) -> std::optional<yaml::Node> {
    for (const File& file : files_) {
      if (file.path != name + std::string(kTemplateSuffix)) continue;
      auto root = tree(file);
      if (root) return std::move(*root);
      broken_template = root.error();
    }
    return std::nullopt;
  };
  std::vector<PackFile> packs;
  for (const File& file : files_) {
    if (file.path.starts_with(kAbi) || file.path.ends_with(kTemplateSuffix) ||
        file.path.ends_with(kSymbolsSuffix) || file.path.ends_with(kTargetSuffix))
      continue;
    std::vector<Error> here;
    if (auto root = tree(file); !root) {
      here = {root.error()};
    } else if (auto pack = read_pack(std::move(*root), file.shown, templates, &here)) {
      packs.push_back(std::move(*pack));
    }
    if (broken_template) here = {*std::exchange(broken_template, std::nullopt)};
    wrong.insert(wrong.end(), here.begin(), here.end());
    if (!wrong.empty() && !all) break;
  }
  if (wrong.empty()) return packs;
  if (all) *all = wrong;
  return tl::unexpected(wrong.front());
}

Result<KernelSymbols> Library::kernel_symbols() const {
  for (const File& file : files_) {
    if (!file.path.ends_with(kSymbolsSuffix)) continue;
    return read_kernel_symbols(TRY(tree(file)), file.shown);
  }
  return KernelSymbols{};
}

Result<std::vector<Requirement>> Library::requirements() const {
  std::vector<Requirement> all;
  for (const File& file : files_) {
    if (!file.path.ends_with(kTargetSuffix)) continue;
    yaml::Node root = TRY(tree(file));
    std::vector<Requirement> here = TRY(read_requirements(std::move(root), file.shown));
    all.insert(all.end(), here.begin(), here.end());
  }
  return all;
}

std::vector<std::string> Library::names_under_abi(bool (*wanted)(const std::string& name)) const {
  std::vector<std::string> names;
  for (const File& file : files_) {
    if (!file.path.starts_with(kAbi)) continue;
    std::string name = file.path.substr(kAbi.size(), file.path.size() - kAbi.size() - kSuffix.size());
    if (wanted(name)) names.push_back(std::move(name));
  }
  std::reverse(names.begin(), names.end());
  return names;
}

std::vector<std::string> Library::snapshot_names() const {
  return names_under_abi([](const std::string& name) { return name.find('/') == std::string::npos; });
}
std::vector<std::string> Library::earlier_names() const {
  return names_under_abi([](const std::string& name) { return name.starts_with(kEarlier); });
}
std::vector<std::string> Library::addition_names() const {
  return names_under_abi([](const std::string& name) {
    return name.find('/') != std::string::npos && !name.starts_with(kEarlier);
  });
}

const Library::File* Library::find_snapshot(const std::string& name) const {
  return find(std::string(kAbi) + name + std::string(kSuffix));
}

bool Library::mentions(const std::string& snapshot, const std::string& text) const {
  const File* file = find_snapshot(snapshot);
  return file && file->bytes.find(text) != std::string::npos;
}

Result<abi::Snapshot> Library::one_snapshot(const std::string& name) const {
  if (std::filesystem::is_regular_file(name)) {
    std::ifstream stream(name);
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) return fail(name, "cannot be read", "give an ABI snapshot that khover-abi extract wrote");
    return abi::read_snapshot(text.str(), name);
  }
  const File* file = find_snapshot(name);
  if (!file) return fail(name, "unknown ABI snapshot", "see `khover rules list --snapshots`");
  return abi::read_snapshot(TRY(tree(*file)), file->shown);
}

Result<abi::Snapshot> Library::snapshot(const std::string& names) const {
  if (std::filesystem::is_regular_file(names)) return one_snapshot(names);
  size_t end = names.find('+');
  auto snapshot = one_snapshot(names.substr(0, end));
  while (snapshot && end != std::string::npos) {
    const size_t begin = end + 1;
    end = names.find('+', begin);
    const std::string name = names.substr(begin, end == std::string::npos ? end : end - begin);
    auto addition = one_snapshot(name);
    if (!addition) return addition;
    snapshot = abi::merge(std::move(*snapshot), *addition, name);
  }
  return snapshot;
}

}  // namespace khover::pack
