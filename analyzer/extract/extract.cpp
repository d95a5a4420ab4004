#include "extract/extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <optional>

#include "error/try.h"
#include "extract/compile_flags.h"
#include "extract/configuration.h"
#include "extract/header_names.h"
#include "extract/kernel_tree.h"
#include "extract/parse.h"

namespace khover::extract {
namespace {

namespace fs = std::filesystem;

// Handover headers use a few macros of headers that they do not include and that their users
// always have (seals of memfds, say). Only macros come from these, no layouts.
constexpr const char* context_headers[] = {"linux/types.h", "linux/fcntl.h"};

std::string canonical_file(const fs::path& path) {
  std::error_code error;
  const fs::path canonical = fs::canonical(path, error);
  if (error || !fs::is_regular_file(canonical, error)) return "";
  return canonical.string();
}

Result<std::string> find_header(const std::string& header, const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    const std::string path = canonical_file(folder / header);  // an absolute header replaces the folder
    if (path.find_first_of("\"\n") != std::string::npos) break;
    if (!path.empty()) return path;
  }
  return fail(header, "no such header",
              "give a path relative to the kernel tree, the current folder or a folder given with -I");
}

std::string include_operand(const std::string& path, const std::optional<KernelTree>& tree) {
  if (tree) {
    const std::string include = tree->source + "/include/";
    if (path.starts_with(include)) return "<" + path.substr(include.size()) + ">";
  }
  return "\"" + path + "\"";
}

Result<void> check_page_size(uint64_t wanted, const std::optional<__int128>& found) {
  if (wanted == 0 || !found || *found == static_cast<__int128>(wanted)) return {};
  return fail(
      "", fmt::format("the headers have pages of {} bytes, not {}", static_cast<uint64_t>(*found), wanted),
      "name a tree that is configured for this page size with --generated");
}

struct Setting {
  std::optional<KernelTree> tree;
  Arch arch = Arch::x86_64;
  Configuration configuration;
};

Result<Setting> kernel_setting(const Request& request) {
  Setting setting;
  setting.tree = TRY(find_kernel_tree(request.kernel, request.generated, request.arch));
  setting.arch = setting.tree->arch;
  std::vector<std::string> overrides = TRY(page_size_overrides(*setting.tree, request.page_size));
  overrides.insert(overrides.end(), request.overrides.begin(), request.overrides.end());
  setting.configuration = TRY(configure(overrides, setting.tree->configuration));
  return setting;
}

Result<Setting> plain_setting(const Request& request) {
  Setting setting;
  if (!request.generated.empty())
    return fail("", "--generated goes with a kernel tree", "give --kernel, too");
  if (request.headers.empty()) return fail("", "no headers", "name headers, or a kernel tree with --kernel");
  if (!request.arch.empty()) {
    setting.arch = TRY(parse_arch(request.arch));
  }
  // Without a kernel nothing else says how long a page is, and declarations depend on it.
  std::vector<std::string> overrides;
  if (request.page_size != 0) {
    if (!std::has_single_bit(request.page_size)) {
      return fail("", fmt::format("{} is not a page size", request.page_size), "use 4096, 16384 or 65536");
    }
    overrides = {fmt::format("PAGE_SIZE={}UL", request.page_size),
                 fmt::format("PAGE_SHIFT={}", std::countr_zero(request.page_size))};
  }
  const size_t own = overrides.size();
  overrides.insert(overrides.end(), request.overrides.begin(), request.overrides.end());
  setting.configuration = TRY(configure(overrides, {}));
  // source.page_size says these two already.
  auto& changes = setting.configuration.changes;
  changes.erase(changes.begin(),
                changes.begin() + static_cast<std::ptrdiff_t>(std::min(own, changes.size())));
  return setting;
}

}  // namespace

Result<Extraction> extract(const Request& request) {
  Setting setting = TRY(request.kernel.empty() ? plain_setting(request) : kernel_setting(request));
  const std::optional<KernelTree>& tree = setting.tree;

  std::vector<std::string> headers = request.headers;
  if (headers.empty()) {
    headers = TRY(handover_headers(*tree));
  }
  std::vector<fs::path> folders;
  std::vector<std::string> roots;
  std::vector<std::string> include_directories;
  if (tree) {
    folders = {fs::path(tree->source), fs::path(tree->source) / "include"};
    roots = {tree->source, tree->generated};
  }
  folders.push_back(fs::current_path());
  for (const std::string& directory : request.include_directories) {
    std::error_code error;
    const fs::path canonical = fs::canonical(directory, error);
    if (error || !fs::is_directory(canonical)) return fail(directory, "not a folder", "give a folder to -I");
    folders.push_back(canonical);
    roots.push_back(canonical.string());
    include_directories.push_back(canonical.string());
  }
  HeaderNames names(roots);
  for (const std::string& header : headers) {
    names.list(TRY(find_header(header, folders)));
  }

  Extraction extraction;
  if (tree) {
    for (const char* header : context_headers) {
      if (!canonical_file(fs::path(tree->source) / "include" / header).empty()) {
        extraction.includes.push_back(fmt::format("<{}>", header));
      }
    }
  }
  for (const auto& [path, name] : names.listed()) extraction.includes.push_back(include_operand(path, tree));

  const std::string forced = setting.configuration.forced_include.empty() ? "" : configuration_path;
  std::vector<std::string> flags = tree ? kernel_flags(*tree, forced) : plain_flags(forced);
  for (std::string& flag : include_flags(include_directories)) flags.push_back(std::move(flag));
  extraction.gcc_arguments = flags;
  flags.insert(flags.begin(), clang_target(setting.arch));

  Unit unit{flags, extraction.includes, setting.configuration.forced_include, request.folders};
  extraction.configuration = unit.configuration;
  ParsedUnit parsed = TRY(parse(unit, names));
  TRY(check_page_size(request.page_size, parsed.page_size));

  abi::Snapshot& snapshot = extraction.snapshot;
  snapshot = std::move(parsed.snapshot);
  if (snapshot.records.empty() && snapshot.enumerations.empty() && snapshot.constants.empty()) {
    return fail("", "the headers define no record, enumeration or constant",
                "name other headers, or set the option that they depend on with -D");
  }
  abi::Source& source = snapshot.source;
  if (tree) source.release = tree->release;
  source.arch = name_of(setting.arch);
  source.page_size = parsed.page_size ? static_cast<uint64_t>(*parsed.page_size) : request.page_size;
  source.pointer_size = parsed.pointer_size;
  source.little_endian = parsed.little_endian;
  for (const auto& [path, name] : names.listed()) source.headers.push_back(name);
  std::sort(source.headers.begin(), source.headers.end());
  source.configuration = setting.configuration.changes;
  extraction.notes = std::move(parsed.notes);
  return extraction;
}

}  // namespace khover::extract
