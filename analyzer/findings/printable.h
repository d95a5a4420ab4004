// What all renderers share: escaping, colour, lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace khover::findings {

// Bytes of an image that are text for a person: control characters and invalid UTF-8 become \xNN.
std::string printable(const std::string& text);

// The same for a line of a source, in which columns are counted: a byte stays a byte, tabs stay.
std::string printable_line(std::string_view line);

std::string joined(const std::vector<std::string>& words, const char* between = ", ");

// Styles of a terminal; text stays as it is where colour is off.
enum class Style { strong, bad, silent, warning, remark, good };
class Paint {
 public:
  explicit Paint(bool color) : color_(color) {}
  std::string operator()(Style style, const std::string& text) const;

 private:
  bool color_;
};

}  // namespace khover::findings
