#include "extract/kernel_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "error/try.h"

namespace khover::extract {
namespace {

namespace fs = std::filesystem;

constexpr const char* autoconf = "include/generated/autoconf.h";

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

fs::path absolute(const std::string& path) {
  std::error_code error;
  fs::path canonical = fs::canonical(path, error);
  return error ? fs::path(path) : canonical;
}

// "#define NAME REPLACEMENT" lines, as Kconfig writes them.
std::map<std::string, std::string> read_definitions(const fs::path& path) {
  std::map<std::string, std::string> definitions;
  std::istringstream lines(contents(path));
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view define = "#define ";
    if (!line.starts_with(define)) continue;
    const size_t space = line.find(' ', define.size());
    const std::string name = line.substr(define.size(), space - define.size());
    definitions[name] = space == std::string::npos ? "" : line.substr(space + 1);
  }
  return definitions;
}

// Debian splits a configured tree: linux-headers-R-common has the headers, linux-headers-R-amd64
// (-arm64, ...) what was generated. `suffix` is what follows R- in the sibling that is wanted.
fs::path debian_sibling(const fs::path& folder, const std::string& suffix) {
  const std::string name = folder.filename().string();
  const size_t dash = name.rfind('-');
  if (!name.starts_with("linux-headers-") || dash == std::string::npos) return {};
  return folder.parent_path() / (name.substr(0, dash + 1) + suffix);
}

// A flavour may have a dash of its own: R-arm64-16k, R-cloud-amd64.
fs::path debian_common(const fs::path& flavour) {
  std::string name = flavour.filename().string();
  while (name.starts_with("linux-headers-")) {
    const fs::path common = flavour.parent_path() / (name + "-common");
    if (is_file(common / "include/linux/types.h")) return common;
    const size_t dash = name.rfind('-');
    if (dash == std::string::npos) break;
    name.resize(dash);
  }
  return {};
}

std::string release_of(const fs::path& generated, const fs::path& source) {
  const std::string define = "#define UTS_RELEASE \"";
  const std::string utsrelease = contents(generated / "include/generated/utsrelease.h");
  if (const size_t at = utsrelease.find(define); at != std::string::npos) {
    const size_t start = at + define.size();
    return utsrelease.substr(start, utsrelease.find('"', start) - start);
  }
  for (const fs::path& root : {generated, source}) {
    std::istringstream line(contents(root / "include/config/kernel.release"));
    std::string release;
    if (line >> release) return release;
  }
  return "";
}

Result<Arch> configured_arch(const std::map<std::string, std::string>& configuration, const fs::path& file) {
  if (configuration.contains("CONFIG_X86_64")) return Arch::x86_64;
  if (configuration.contains("CONFIG_ARM64")) return Arch::arm64;
  return fail(file.string(), "the tree is configured for neither x86_64 nor arm64",
              "give a tree that is configured for one of them");
}

}  // namespace

const char* name_of(Arch arch) { return arch == Arch::x86_64 ? "x86_64" : "arm64"; }

Result<Arch> parse_arch(const std::string& name) {
  if (name == "x86_64") return Arch::x86_64;
  if (name == "arm64") return Arch::arm64;
  return fail("", fmt::format("unknown architecture '{}'", name), "use x86_64 or arm64");
}

Result<KernelTree> find_kernel_tree(const std::string& kernel, const std::string& generated,
                                    const std::string& arch) {
  fs::path source = absolute(kernel);
  fs::path configured = generated.empty() ? fs::path() : absolute(generated);
  if (!is_file(source / "include/linux/types.h")) {
    const fs::path common = debian_common(source);
    if (common.empty()) {
      return fail(kernel, "not a kernel tree: it has no include/linux/types.h",
                  "give a Linux source tree or a linux-headers-*-common folder");
    }
    if (configured.empty()) configured = source;
    source = common;
  }
  if (configured.empty()) {
    configured = source;
    if (!is_file(source / autoconf)) {
      const std::vector<std::string> flavours =
          arch == "arm64" ? std::vector<std::string>{"arm64"} : std::vector<std::string>{"amd64", "arm64"};
      for (const std::string& flavour : flavours) {
        const fs::path sibling = debian_sibling(source, flavour);
        if (!sibling.empty() && is_file(sibling / autoconf)) {
          configured = sibling;
          break;
        }
      }
    }
  }
  if (!is_file(configured / autoconf)) {
    return fail(generated.empty() ? kernel : generated,
                fmt::format("not a configured tree: it has no {}", autoconf),
                "configure the tree (make defconfig prepare) or name a configured one with --generated");
  }
  KernelTree tree;
  tree.source = source.string();
  tree.generated = configured.string();
  tree.configuration = read_definitions(configured / autoconf);
  tree.arch = TRY(configured_arch(tree.configuration, configured / autoconf));
  if (!arch.empty()) {
    const Arch wanted = TRY(parse_arch(arch));
    if (wanted != tree.arch) {
      return fail(tree.generated, fmt::format("configured for {}, not for {}", name_of(tree.arch), arch),
                  fmt::format("name a tree configured for {} with --generated", arch));
    }
  }
  tree.release = release_of(configured, source);
  return tree;
}

Result<std::vector<std::string>> handover_headers(const KernelTree& tree) {
  const std::string folder = "include/linux/kho/abi";
  std::vector<std::string> headers;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(fs::path(tree.source) / folder, error), end;
       !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".h") continue;
    headers.push_back(fs::path(entry->path()).lexically_relative(tree.source).string());
  }
  if (headers.empty()) {
    return fail(tree.source, fmt::format("no headers in {}", folder), "name the headers to extract");
  }
  std::sort(headers.begin(), headers.end());
  return headers;
}

}  // namespace khover::extract
