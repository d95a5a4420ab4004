#include "findings/text_page.h"

#include <fmt/format.h>

#include "output/printable.h"

namespace khover::findings {

void TextPage::field(const char* name, const std::string& text) {
  if (!text.empty()) line(fmt::format("  {:<9} {}", name, output::printable(text)));
}

std::string from(const std::string& origin) { return origin.empty() ? "" : " (" + origin + ")"; }

std::string grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (int i = static_cast<int>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<size_t>(i), 1, ' ');
  return text;
}

Style style_of(pack::Severity severity) {
  if (severity <= pack::Severity::refuse) return Style::bad;
  return severity == pack::Severity::silent ? Style::silent : Style::warning;
}

}  // namespace khover::findings
