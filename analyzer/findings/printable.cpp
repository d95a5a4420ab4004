#include "findings/printable.h"

#include <fmt/format.h>

namespace khover::findings {
namespace {

// Length of the UTF-8 sequence that begins at `at`; 0 when it is none.
size_t sequence_length(const std::string& text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const size_t length = lead >= 0xf0 && lead < 0xf5   ? 4
                        : lead >= 0xe0 && lead < 0xf0 ? 3
                        : lead >= 0xc2 && lead < 0xe0 ? 2
                                                      : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::string printable(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7f) {
      out += text[i++];
    } else if (const size_t length = sequence_length(text, i); length != 0 && byte != 0xc2) {
      // 0xc2 leads the C1 control characters, which some terminals obey.
      out.append(text, i, length);
      i += length;
    } else {
      out += fmt::format("\\x{:02x}", byte);
      ++i;
    }
  }
  return out;
}

std::string printable_line(std::string_view line) {
  std::string out;
  for (const char c : line) out += c == '\t' || static_cast<unsigned char>(c) >= 0x20 ? c : '?';
  return out;
}

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
