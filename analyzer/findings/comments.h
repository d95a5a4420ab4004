// Comments of a C file: where they are, and what the kernel-doc ones document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace khover::findings {

struct Comment {
  size_t begin = 0;  // offset of "/*" or "//"
  size_t end = 0;    // after the comment
  uint32_t first_line = 0;
  uint32_t last_line = 0;
  bool alone = false;  // nothing but white space before it on its first line
  bool kernel_doc = false;
  std::string_view text;  // with its delimiters
};

// In the order of the file. `text` must outlive the result.
std::vector<Comment> comments_of(std::string_view text);

// "@name: text" of a kernel-doc comment.
struct Parameter {
  std::string name;
  std::string text;  // words, one space between them
  uint32_t line = 0;
  uint32_t column = 0;  // of the name
};

struct KernelDoc {
  std::string subject;  // "parcel_ser" of "struct parcel_ser - …"; "" for anything else
  std::vector<Parameter> parameters;
};

KernelDoc kernel_doc_of(const Comment& comment);

}  // namespace khover::findings
