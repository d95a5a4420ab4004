// Text with the mark @@ where an error is expected.
#pragma once

#include <string>

namespace khover {

struct MarkedText {
  std::string text;      // without the mark
  std::string position;  // "line:column" of what follows it

  explicit MarkedText(const std::string& marked) : text(marked) {
    const size_t mark = text.find("@@");
    if (mark == std::string::npos) return;
    text.erase(mark, 2);
    size_t line = 1, begin = 0;
    for (size_t i = 0; i < mark; ++i) {
      if (text[i] != '\n') continue;
      ++line;
      begin = i + 1;
    }
    position = std::to_string(line) + ":" + std::to_string(mark - begin + 1);
  }
};

}  // namespace khover
