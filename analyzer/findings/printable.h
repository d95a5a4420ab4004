// What all renderers share: colour, lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace khover::findings {

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
