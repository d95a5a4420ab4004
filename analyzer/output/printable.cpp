#include "output/printable.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace khover::output {
namespace {

struct Character {
  char32_t code = 0;
  size_t length = 0;  // bytes; 0: what begins here is no UTF-8
};

// Strictly: no overlong form, no surrogate, nothing above U+10FFFF.
Character decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || length > text.size()) return {};
  char32_t code = lead & (0x7fU >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

// Unicode's Cc, and of its Cf, Zl and Zp what changes how the text around it is shown, or is not shown
// itself.
bool is_hidden(char32_t code) {
  struct {
    char32_t first, last;
  } static constexpr kHidden[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},      {0x61c, 0x61c},
                                  {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},  {0x2060, 0x206f},
                                  {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
  for (const auto& range : kHidden) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

std::string escaped(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    Character one = decode(text);
    const bool kept =
        one.length != 0 && (!is_hidden(one.code) || (lines && (one.code == '\n' || one.code == '\t')));
    if (kept) {
      out.append(text.substr(0, one.length));
    } else if (one.length != 0 && one.code >= 0x100) {
      fmt::format_to(std::back_inserter(out), "\\u{{{:04x}}}", static_cast<uint32_t>(one.code));
    } else {  // byte by byte
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[0]));
      one.length = 1;
    }
    text.remove_prefix(one.length);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return escaped(text, false); }

std::string printable_lines(std::string_view text) { return escaped(text, true); }

std::string safe_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  const auto unit = [&](uint32_t value) { fmt::format_to(std::back_inserter(out), "\\u{:04x}", value); };
  while (!json.empty()) {
    const Character one = decode(json);
    const size_t length = one.length == 0 ? 1 : one.length;
    const bool layout = one.code == '\n' || one.code == '\t' || one.code == '\r';  // between the strings
    if (one.length == 0 || (is_hidden(one.code) && !layout)) {
      if (one.length == 0) {
        unit(0xfffd);
      } else if (one.code < 0x10000) {
        unit(static_cast<uint32_t>(one.code));
      } else {
        const auto above = static_cast<uint32_t>(one.code) - 0x10000;
        unit(0xd800 + (above >> 10));
        unit(0xdc00 + (above & 0x3ff));
      }
    } else {
      out.append(json.substr(0, length));
    }
    json.remove_prefix(length);
  }
  return out;
}

}  // namespace khover::output
