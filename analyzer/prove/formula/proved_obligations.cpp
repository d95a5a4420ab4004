#include "prove/formula/proved_obligations.h"

#include <fmt/format.h>
#include <z3.h>

namespace khover::prove {

// Made by the build: proved_obligations.cpp.in.
std::string_view questions();
std::string_view shipped_obligations();

std::string proved_by() {
  unsigned major = 0, minor = 0, build = 0, revision = 0;
  Z3_get_version(&major, &minor, &build, &revision);
  return fmt::format("z3 {}.{}.{}, questions {}", major, minor, build, questions());
}

ProvedObligations::ProvedObligations(std::string_view text, std::string_view proved_by) {
  bool first = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (first && line != proved_by) return;
    if (!first && !line.empty()) contents_.insert(line);
    first = false;
  }
}

const ProvedObligations& ProvedObligations::shipped() {
  static const ProvedObligations all(shipped_obligations(), proved_by());
  return all;
}

std::string write_proved(const std::set<std::string>& contents) {
  std::string text = proved_by() + "\n";
  for (const std::string& one : contents) text += one + "\n";
  return text;
}

}  // namespace khover::prove
