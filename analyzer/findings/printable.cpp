#include "findings/printable.h"

#include <fmt/format.h>

namespace khover::findings {

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string Paint::operator()(Style style, const std::string& text) const {
  static constexpr const char* kCodes[] = {"1", "1;31", "1;35", "1;33", "1;36", "1;32"};
  return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<size_t>(style)], text) : text;
}

}  // namespace khover::findings
