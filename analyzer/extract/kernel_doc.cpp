#include "extract/kernel_doc.h"

#include <fmt/format.h>

#include <algorithm>

namespace khover::extract {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Words of the comment without the stars that lead its lines.
std::vector<std::string_view> words_of(std::string_view comment) {
  std::vector<std::string_view> words;
  bool line_start = true;
  for (size_t i = 0; i < comment.size();) {
    if (is_space(comment[i])) {
      line_start = line_start || comment[i] == '\n';
      ++i;
    } else if (line_start && comment[i] == '*') {
      line_start = false;
      ++i;
    } else {
      line_start = false;
      const size_t start = i;
      while (i < comment.size() && !is_space(comment[i])) ++i;
      words.push_back(comment.substr(start, i - start));
    }
  }
  return words;
}

std::string hash_of(const std::vector<std::string_view>& words) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: this only distinguishes texts, which are not hostile
  const auto add = [&](char c) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3; };
  for (std::string_view word : words) {
    for (char c : word) add(c);
    add(' ');
  }
  return fmt::format("{:016x}", hash);
}

std::string subject_of(const std::vector<std::string_view>& words) {
  if (words.size() < 2) return "";
  if (words[0] != "struct" && words[0] != "union" && words[0] != "enum") return "";
  std::string_view name = words[1];
  while (!name.empty() && name.back() == ':') name.remove_suffix(1);
  return std::string(name);
}

// [a-z][a-z0-9_-]*-v[0-9]+ as a word of its own.
bool is_version(std::string_view word) {
  size_t digits = word.size();
  while (digits > 0 && is_digit(word[digits - 1])) --digits;
  if (digits == word.size() || digits < 3 || word.substr(digits - 2, 2) != "-v") return false;
  return is_lower(word[0]) && std::all_of(word.begin(), word.end(), [](char c) {
           return is_lower(c) || is_digit(c) || c == '_' || c == '-';
         });
}

std::vector<NamedVersion> versions_of(std::string_view comment, uint32_t line) {
  std::vector<NamedVersion> versions;
  for (size_t i = 0; i < comment.size();) {
    if (!is_word(comment[i])) {
      if (comment[i] == '\n') ++line;
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < comment.size() && is_word(comment[i])) ++i;
    const std::string_view word = comment.substr(start, i - start);
    if (is_version(word)) versions.push_back({std::string(word), line});
  }
  return versions;
}

}  // namespace

std::vector<DocComment> doc_comments(std::string_view source) {
  std::vector<DocComment> comments;
  uint32_t line = 1;
  const auto advance = [&](size_t& i) {
    if (source[i] == '\n') ++line;
    ++i;
  };
  for (size_t i = 0; i < source.size();) {
    if (source.substr(i, 2) == "//") {
      while (i < source.size() && source[i] != '\n') ++i;
    } else if (source.substr(i, 2) == "/*") {
      const uint32_t start_line = line;
      const size_t end = std::min(source.find("*/", i + 2), source.size());
      // "/**/" is an empty comment, not the start of a document.
      const bool is_doc = i + 3 < source.size() && source[i + 2] == '*' && is_space(source[i + 3]);
      if (is_doc) {
        const std::string_view text = source.substr(i + 3, end - i - 3);
        const std::vector<std::string_view> words = words_of(text);
        comments.push_back({start_line, subject_of(words), hash_of(words), versions_of(text, start_line)});
      }
      const size_t after = std::min(end + 2, source.size());
      while (i < after) advance(i);
    } else if (source[i] == '"' || source[i] == '\'') {
      const char quote = source[i];
      advance(i);
      // A newline ends an unterminated literal: an apostrophe in #error text, say.
      while (i < source.size() && source[i] != quote && source[i] != '\n') {
        if (source[i] == '\\' && i + 1 < source.size()) advance(i);
        advance(i);
      }
      if (i < source.size() && source[i] == quote) ++i;
    } else {
      advance(i);
    }
  }
  return comments;
}

}  // namespace khover::extract
