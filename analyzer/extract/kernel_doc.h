// The /** ... */ comments of a header: what they document, a hash that changes when the text
// does, and the version strings that the text names. The text itself stays in the header.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace khover::extract {

struct NamedVersion {
  std::string text;  // "kho-v3"
  uint32_t line = 0;
};

struct DocComment {
  uint32_t line = 0;
  std::string subject;  // name of the struct, union or enum that it documents; "" for DOC: blocks and others
  std::string hash;     // of the words; where the lines break does not count
  std::vector<NamedVersion> versions;
};

// In the order of the file.
std::vector<DocComment> doc_comments(std::string_view source);

}  // namespace khover::extract
