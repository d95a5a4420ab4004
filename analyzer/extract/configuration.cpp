#include "extract/configuration.h"

#include <fmt/format.h>

#include <bit>
#include <optional>
#include <sstream>

namespace khover::extract {
namespace {

bool is_identifier(const std::string& name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (char c : name) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!word) return false;
  }
  return true;
}

// What is defined for one option: CONFIG_X=m defines CONFIG_X_MODULE and not CONFIG_X.
struct Definition {
  std::optional<std::string> built_in;
  bool module = false;

  bool operator==(const Definition&) const = default;
};

Definition definition_of(const std::string& name, const std::string& value) {
  if (!name.starts_with("CONFIG_")) return {value, false};
  if (value == "y") return {"1", false};
  if (value == "m") return {std::nullopt, true};
  if (value == "n") return {std::nullopt, false};
  return {value, false};
}

Definition definition_in(const std::map<std::string, std::string>& tree, const std::string& name) {
  Definition definition;
  if (auto found = tree.find(name); found != tree.end()) definition.built_in = found->second;
  definition.module = tree.contains(name + "_MODULE");
  return definition;
}

}  // namespace

Result<Configuration> configure(const std::vector<std::string>& overrides,
                                const std::map<std::string, std::string>& tree) {
  std::map<std::string, std::string> last;
  std::vector<std::string> order;
  for (const std::string& override_text : overrides) {
    const size_t equals = override_text.find('=');
    const std::string name = override_text.substr(0, equals);
    if (!is_identifier(name)) {
      return fail(override_text, fmt::format("'{}' is not a macro name", name), "write NAME or NAME=VALUE");
    }
    const std::string value = equals != std::string::npos   ? override_text.substr(equals + 1)
                              : name.starts_with("CONFIG_") ? "y"
                                                            : "1";
    if (value.find('\n') != std::string::npos) return fail(name, "a macro's value must be one line");
    if (!last.contains(name)) order.push_back(name);
    last[name] = value;
  }
  Configuration configuration;
  for (const std::string& name : order) {
    const std::string& value = last[name];
    const Definition wanted = definition_of(name, value);
    if (wanted == definition_in(tree, name)) continue;
    configuration.changes.push_back(fmt::format("{}={}", name, value));
    configuration.forced_include += fmt::format("#undef {}\n", name);
    if (name.starts_with("CONFIG_")) configuration.forced_include += fmt::format("#undef {}_MODULE\n", name);
    if (wanted.built_in)
      configuration.forced_include += fmt::format("#define {} {}\n", name, *wanted.built_in);
    if (wanted.module) configuration.forced_include += fmt::format("#define {}_MODULE 1\n", name);
  }
  return configuration;
}

Result<std::vector<std::string>> page_size_overrides(const KernelTree& tree, uint64_t page_size) {
  if (page_size == 0) return std::vector<std::string>{};
  if (page_size != 4096 && page_size != 16384 && page_size != 65536) {
    return fail("", fmt::format("no kernel has pages of {} bytes", page_size), "use 4096, 16384 or 65536");
  }
  if (tree.arch == Arch::x86_64 && page_size != 4096) {
    return fail("", "x86_64 has pages of 4096 bytes only", "use --page-size 4096, or --arch arm64");
  }
  const int shift = std::countr_zero(page_size);
  auto configured = tree.configuration.find("CONFIG_PAGE_SHIFT");
  const bool same = configured != tree.configuration.end() && configured->second == std::to_string(shift);
  if (same || tree.arch == Arch::x86_64) return std::vector<std::string>{};

  std::vector<std::string> overrides = {fmt::format("CONFIG_PAGE_SHIFT={}", shift)};
  for (int kib : {4, 16, 64}) {
    const char* value = page_size == static_cast<uint64_t>(kib) * 1024 ? "y" : "n";
    overrides.push_back(fmt::format("CONFIG_ARM64_{}K_PAGES={}", kib, value));
    overrides.push_back(fmt::format("CONFIG_PAGE_SIZE_{}KB={}", kib, value));
  }
  // 52-bit addresses need LPA2 with small pages, whose headers name registers that go with them.
  if (shift == 16) overrides.push_back("CONFIG_ARM64_LPA2=n");
  // Each level of a page table resolves as many bits as one page has 8-byte entries; Kconfig
  // rounds the same way. Headers refuse a page shift that does not go with the levels.
  auto address_bits = tree.configuration.find("CONFIG_ARM64_VA_BITS");
  if (address_bits != tree.configuration.end()) {
    const int levels = (std::atoi(address_bits->second.c_str()) - 4) / (shift - 3);
    overrides.push_back(fmt::format("CONFIG_PGTABLE_LEVELS={}", levels));
  }
  return overrides;
}

Result<std::vector<std::string>> parse_config(const std::string& text, const std::string& name) {
  std::vector<std::string> overrides;
  std::istringstream lines(text);
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    constexpr std::string_view not_set = " is not set";
    if (line.starts_with("# CONFIG_") && line.ends_with(not_set)) {
      overrides.push_back(line.substr(2, line.size() - 2 - not_set.size()) + "=n");
    } else if (!line.empty() && !line.starts_with('#')) {
      if (!line.starts_with("CONFIG_") || line.find('=') == std::string::npos) {
        return fail(fmt::format("{}:{}", name, number), "not a line of a kernel configuration",
                    "write CONFIG_NAME=VALUE or # CONFIG_NAME is not set");
      }
      overrides.push_back(line);
    }
  }
  return overrides;
}

}  // namespace khover::extract
