#include "target/command_line.h"

#include <algorithm>

namespace khover::target {
namespace {

std::string with_underscores(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::optional<bool> truth(const std::string& value) {
  if (value.empty()) return std::nullopt;
  switch (value[0]) {
    case 'e':
    case 'E':
    case 'y':
    case 'Y':
    case 't':
    case 'T':
    case '1':
      return true;
    case 'd':
    case 'D':
    case 'n':
    case 'N':
    case 'f':
    case 'F':
    case '0':
      return false;
    case 'o':
    case 'O':
      if (value.size() < 2) return std::nullopt;
      if (value[1] == 'n' || value[1] == 'N') return true;
      if (value[1] == 'f' || value[1] == 'F') return false;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

CommandLine::CommandLine(std::string_view text) {
  std::string word;
  bool quoted = false;
  const auto end_word = [&] {
    if (word.empty()) return true;
    if (word == "--") return false;
    const size_t equal = word.find('=');
    words_.push_back({with_underscores(word.substr(0, equal)),
                      equal == std::string::npos ? std::string() : word.substr(equal + 1)});
    word.clear();
    return true;
  };
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\n')) {
      if (!end_word()) return;
    } else {
      word += c;
    }
  }
  end_word();
}

std::vector<std::string> CommandLine::values(std::string_view name) const {
  std::vector<std::string> found;
  const std::string wanted = with_underscores(name);
  for (const Word& word : words_) {
    if (word.name == wanted) found.push_back(word.value);
  }
  return found;
}

std::optional<bool> CommandLine::boolean(std::string_view name) const {
  std::optional<bool> last;
  for (const std::string& value : values(name)) {
    if (const auto one = truth(value)) last = one;
  }
  return last;
}

}  // namespace khover::target
