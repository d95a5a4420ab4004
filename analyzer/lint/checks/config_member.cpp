// docs/lint/config-member.md
#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    if (declaration.nested || is_runtime_record(headers, record)) return;
    const std::string& file = declaration.place.file;
    for (uint32_t line = declaration.first_line; line <= declaration.last_line; ++line) {
      const std::string_view text = headers.sources.line(file, line);
      const size_t hash = text.find_first_not_of(" \t");
      if (hash == std::string_view::npos || text[hash] != '#') continue;
      const size_t word = text.find_first_not_of(" \t", hash + 1);
      if (word == std::string_view::npos) continue;
      const std::string_view directive = text.substr(word);
      if (!directive.starts_with("if") && !directive.starts_with("elif")) continue;
      const size_t option = text.find("CONFIG_");
      if (option == std::string_view::npos) continue;
      size_t end = option;
      while (end < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
        ++end;
      const std::string name(text.substr(option, end - option));
      reporter.at(headers.place_of_word(file, line, name), record.name + " " + name,
                  fmt::format("the layout of '{}' depends on {}: two kernels with the same version string "
                              "would read it differently",
                              record.name, name));
    }
  });
}

}  // namespace

const Check config_member_check = {"config-member",
                                   "members of a serialized record depend on the kernel's configuration",
                                   "0.1", Severity::error, run};

}  // namespace khover::lint
