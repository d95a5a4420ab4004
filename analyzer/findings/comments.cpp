#include "findings/comments.h"

#include <algorithm>
#include <cctype>

namespace khover::findings {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

void append_words(std::string& text, std::string_view line) {
  for (size_t i = 0; i < line.size();) {
    if (is_space(line[i])) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < line.size() && !is_space(line[i])) ++i;
    if (!text.empty()) text += ' ';
    text += line.substr(start, i - start);
  }
}

}  // namespace

std::vector<Comment> comments_of(std::string_view text) {
  std::vector<Comment> comments;
  uint32_t line = 1;
  bool alone = true;
  for (size_t i = 0; i < text.size();) {
    const std::string_view two = text.substr(i, 2);
    if (two == "/*" || two == "//") {
      size_t end = 0;
      if (two == "//") {
        end = std::min(text.find('\n', i), text.size());
      } else {
        const size_t close = text.find("*/", i + 2);
        end = close == std::string_view::npos ? text.size() : close + 2;
      }
      Comment comment;
      comment.begin = i;
      comment.end = end;
      comment.first_line = line;
      comment.alone = alone;
      comment.text = text.substr(i, end - i);
      comment.kernel_doc =
          comment.text.starts_with("/**") && comment.text.size() > 4 && is_space(comment.text[3]);
      line += static_cast<uint32_t>(std::count(comment.text.begin(), comment.text.end(), '\n'));
      comment.last_line = line;
      comments.push_back(comment);
      i = end;
      continue;
    }
    if (text[i] == '"' || text[i] == '\'') {
      const char quote = text[i++];
      // A newline ends an unterminated literal: an apostrophe in #error text, say.
      while (i < text.size() && text[i] != quote && text[i] != '\n')
        i += text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '\n' ? 2 : 1;
      if (i < text.size() && text[i] == quote) ++i;
      alone = false;
      continue;
    }
    if (text[i] == '\n') {
      ++line;
      alone = true;
    } else if (!is_space(text[i])) {
      alone = false;
    }
    ++i;
  }
  return comments;
}

KernelDoc kernel_doc_of(const Comment& comment) {
  KernelDoc doc;
  if (!comment.kernel_doc) return doc;
  uint32_t number = comment.first_line;
  bool first = true;
  bool in_parameter = false;
  std::string_view rest = comment.text;
  rest.remove_suffix(rest.ends_with("*/") ? 2 : 0);
  while (!rest.empty()) {
    const size_t newline = rest.find('\n');
    const std::string_view raw = rest.substr(0, newline);
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    size_t at = 0;
    while (at < raw.size() &&
           (is_space(raw[at]) || raw[at] == '*' || (number == comment.first_line && raw[at] == '/')))
      ++at;
    const std::string_view line = raw.substr(at);
    if (line.empty()) {
      in_parameter = false;
    } else if (first) {
      first = false;
      if (line.starts_with("struct ") || line.starts_with("union ")) {
        const size_t begin = line.find(' ') + 1;
        size_t end = begin;
        while (end < line.size() && is_word(line[end])) ++end;
        doc.subject = line.substr(begin, end - begin);
      }
    } else if (line[0] == '@') {
      size_t end = 1;
      while (end < line.size() && (is_word(line[end]) || line[end] == '.')) ++end;
      in_parameter = end > 1 && end < line.size() && line[end] == ':';
      if (in_parameter) {
        doc.parameters.push_back(
            {std::string(line.substr(1, end - 1)), "", number, static_cast<uint32_t>(at + 2)});
        append_words(doc.parameters.back().text, line.substr(end + 1));
      }
    } else if (in_parameter) {
      append_words(doc.parameters.back().text, line);
    }
    ++number;
  }
  return doc;
}

}  // namespace khover::findings
