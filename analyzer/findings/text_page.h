// A report as lines of text. What an image says reaches a terminal only through field().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "findings/image_report.h"
#include "findings/printable.h"

namespace khover::findings {

class TextPage {
 public:
  explicit TextPage(bool color) : paint_(color) {}

  std::string paint(Style style, const std::string& text) const { return paint_(style, text); }
  void line(const std::string& text = {}) { out_ += text + "\n"; }
  // Empty text: no line.
  void field(const char* name, const std::string& text);
  const std::string& str() const { return out_; }

 private:
  Paint paint_;
  std::string out_;
};

std::string from(const std::string& origin);  // " (note)"
std::string grouped(uint64_t number);         // 1 234 567
Style style_of(pack::Severity severity);

// The findings under the damage that explains them; a consequence is one line, unless `verbose`.
void render_groups(TextPage& out, const ImageReport& report, bool verbose);

}  // namespace khover::findings
