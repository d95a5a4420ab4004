// docs/lint/reserved-name.md
#include <fmt/format.h>

#include <cctype>
#include <string>
#include <string_view>

#include "lint/checks.h"

namespace khover::lint {
namespace {

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != word[i]) return false;
  }
  return text.size() == word.size() || std::isalpha(static_cast<unsigned char>(text[word.size()])) == 0;
}

// The description is about nothing else: "Unused flag bits must be 0" is about some bits only.
bool says_reserved(std::string_view text) {
  for (const std::string_view word : {"reserved", "padding", "not used", "must be zero", "must be 0"}) {
    if (starts_with_word(text, word)) return true;
  }
  if (!starts_with_word(text, "unused")) return false;
  const std::string_view rest = text.substr(6);
  return rest.empty() || rest[0] != ' ' || starts_with_word(rest.substr(1), "and") ||
         starts_with_word(rest.substr(1), "for");
}

bool is_reserved(const std::string& name) {
  for (const char* word : {"reserved", "rsvd", "resv", "unused", "pad", "mbz"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

void run(const Headers& headers, Reporter& reporter) {
  for (const auto& [file, comments] : headers.comments) {
    for (const Comment& comment : comments) {
      const KernelDoc doc = kernel_doc_of(comment);
      const abi::Record* record = headers.record(doc.subject);
      if (record == nullptr) continue;
      for (const Parameter& parameter : doc.parameters) {
        if (!says_reserved(parameter.text) || is_reserved(parameter.name)) continue;
        for (size_t i = 0; i < record->fields.size(); ++i) {
          if (record->fields[i].name != parameter.name) continue;
          const std::string name = member_name(*record, record->fields[i]);
          reporter.at(headers.place_of(record->name, i), name,
                      fmt::format("'{}' is documented as reserved but not named so: when it is given a "
                                  "meaning, its name does not change",
                                  name));
        }
      }
    }
  }
}

}  // namespace

const Check reserved_name_check = {"reserved-name", "a member is documented as reserved but not named so",
                                   "0.1", Severity::note, run};

}  // namespace khover::lint
