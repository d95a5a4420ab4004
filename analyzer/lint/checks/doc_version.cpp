// docs/lint/doc-version.md
#include <fmt/format.h>

#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "lint/checks.h"

namespace khover::lint {
namespace {

struct Known {
  std::set<std::string> current;  // "kho-v4"
  std::string macro;
  Place place;
};

// Length of "kho" in "kho-v4"; 0: not a version.
size_t stem(const std::string& word) {
  size_t digits = word.size();
  while (digits > 0 && std::isdigit(static_cast<unsigned char>(word[digits - 1])) != 0) --digits;
  if (digits == word.size() || digits < 3 || word.compare(digits - 2, 2, "-v") != 0) return 0;
  return std::islower(static_cast<unsigned char>(word[0])) != 0 ? digits - 2 : 0;
}

template <typename Look>
void each_word(const Comment& comment, Look look) {
  uint32_t line = comment.first_line;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  for (size_t i = 0; i < comment.text.size();) {
    if (!is_word(comment.text[i])) {
      if (comment.text[i] == '\n') ++line;
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < comment.text.size() && is_word(comment.text[i])) ++i;
    look(std::string(comment.text.substr(start, i - start)), line);
  }
}

void run(const Headers& headers, Reporter& reporter) {
  std::map<std::string, Known> known;
  for (const auto& [name, constant] : headers.snapshot.constants) {
    if (!abi::is_version(constant) || !constant.text) continue;
    std::string_view rest = *constant.text;
    while (!rest.empty()) {
      const size_t semicolon = rest.find(';');
      const std::string part(rest.substr(0, semicolon));
      rest.remove_prefix(semicolon == std::string_view::npos ? rest.size() : semicolon + 1);
      if (const size_t dash = stem(part); dash != 0) {
        Known& one = known[part.substr(0, dash)];
        one.current.insert(part);
        one.macro = name;
        one.place = headers.place_of_word(constant.file, constant.line, name);
      }
    }
  }
  for (const auto& [file, comments] : headers.comments) {
    for (const Comment& comment : comments) {
      each_word(comment, [&](const std::string& word, uint32_t line) {
        const size_t dash = stem(word);
        if (dash == 0) return;
        const auto found = known.find(word.substr(0, dash));
        if (found == known.end() || found->second.current.contains(word)) return;
        Finding& finding = reporter.at(
            headers.place_of_word(file, line, word), fmt::format("{} {}", found->second.macro, word),
            fmt::format("the comment says \"{}\", but '{}' is \"{}\"", word, found->second.macro,
                        *headers.snapshot.constants.at(found->second.macro).text));
        if (headers.is_listed(found->second.place.file))
          finding.notes.push_back({found->second.place, "it is defined here"});
      });
    }
  }
}

}  // namespace

const Check doc_version_check = {"doc-version", "a comment names another version than the macro", "0.1",
                                 Severity::warning, run};

}  // namespace khover::lint
