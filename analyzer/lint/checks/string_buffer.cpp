// docs/lint/string-buffer.md
#include <fmt/format.h>

#include <string_view>

#include "lint/checks.h"

namespace khover::lint {
namespace {

// Which strings a buffer may have to hold: file handlers' in records of files, FLBs' in records of FLBs,
// else the strings that are named like the record.
bool carries(const abi::Record& record, const abi::Field& field, std::string_view macro) {
  if (field.name != "compatible" && field.name != "compat" && field.name != "name") return false;
  const auto has = [](std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
  };
  if (has(macro, "_FLB_")) return has(record.name, "flb");
  if (has(macro, "_FH_")) return has(record.name, "file");
  if (field.name == "name" || has(record.name, "flb") || has(record.name, "file")) return false;
  const std::string_view owner = std::string_view(record.name).substr(0, record.name.find('_'));
  if (macro.size() <= owner.size() || macro[owner.size()] != '_') return false;
  for (size_t i = 0; i < owner.size(); ++i) {
    const char lower =
        macro[i] >= 'A' && macro[i] <= 'Z' ? static_cast<char>(macro[i] - 'A' + 'a') : macro[i];
    if (lower != owner[i]) return false;
  }
  return true;
}

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (field.kind != abi::TypeKind::character || field.dimensions.size() != 1) return;
    for (const auto& [macro, constant] : headers.snapshot.constants) {
      if (!constant.text || !abi::is_version(constant) || !carries(record, field, macro)) continue;
      if (constant.text->size() + 1 <= field.size) continue;
      const std::string name = member_name(record, field);
      Finding& finding =
          reporter.at(member.place, fmt::format("{} {}", name, macro),
                      fmt::format("'{}' has {} bytes, and \"{}\" ('{}') needs {} with its NUL", name,
                                  field.size, *constant.text, macro, constant.text->size() + 1));
      if (headers.is_listed(constant.file)) {
        finding.notes.push_back(
            {headers.place_of_word(constant.file, constant.line, macro), "the string is defined here"});
      }
    }
  });
}

}  // namespace

const Check string_buffer_check = {"string-buffer",
                                   "a version string does not fit into the buffer that carries it", "0.1",
                                   Severity::error, run};

}  // namespace khover::lint
