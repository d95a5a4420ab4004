#include "series/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace khover::series {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    lines.push_back(line);
  }
  return lines;
}

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string decode_quoted_printable(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      result += text[i];
    } else if (text.substr(i).starts_with("=\r\n")) {
      i += 2;
    } else if (text.substr(i).starts_with("=\n")) {
      i += 1;
    } else if (i + 2 < text.size() && hexadecimal(text[i + 1]) >= 0 && hexadecimal(text[i + 2]) >= 0) {
      result += static_cast<char>(hexadecimal(text[i + 1]) * 16 + hexadecimal(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string decode_base64(std::string_view text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const size_t digit = digits.find(c);
    if (digit == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      result += static_cast<char>(bits >> count & 0xff);
    }
  }
  return result;
}

// "a/kernel/x.c\t2026-…" or "a/kernel/x.c" without the prefix; "" for /dev/null.
std::string path_of(std::string_view text) {
  text = trimmed(text.substr(0, text.find('\t')));
  if (text == "/dev/null") return "";
  if (text.starts_with("a/") || text.starts_with("b/")) text.remove_prefix(2);
  return std::string(text);
}

std::optional<std::array<uint32_t, 4>> hunk_header(std::string_view line) {
  // @@ -old[,count] +new[,count] @@
  if (!line.starts_with("@@ -")) return std::nullopt;
  line.remove_prefix(4);
  std::array<uint32_t, 4> numbers = {0, 1, 0, 1};
  const auto number = [&](uint32_t& value) {
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    line.remove_prefix(static_cast<size_t>(end - line.data()));
    return error == std::errc();
  };
  for (int side = 0; side < 2; ++side) {
    const size_t at = static_cast<size_t>(side) * 2;
    if (side == 1) {
      if (!line.starts_with(" +")) return std::nullopt;
      line.remove_prefix(2);
    }
    if (!number(numbers[at])) return std::nullopt;
    if (line.starts_with(",")) {
      line.remove_prefix(1);
      if (!number(numbers[at + 1])) return std::nullopt;
    }
  }
  return line.starts_with(" @@") ? std::optional(numbers) : std::nullopt;
}

void read_diffs(Mail& mail) {
  const std::vector<std::string>& body = mail.body;
  constexpr size_t nowhere = static_cast<size_t>(-1);
  size_t begin = nowhere;  // of the "diff --git" line
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i].starts_with("diff --git ")) {
      begin = i;
      continue;
    }
    if (!body[i].starts_with("--- ") || i + 2 >= body.size() || !body[i + 1].starts_with("+++ ") ||
        !hunk_header(body[i + 2])) {
      continue;
    }
    FileDiff file;
    file.old_path = path_of(std::string_view(body[i]).substr(4));
    file.new_path = path_of(std::string_view(body[i + 1]).substr(4));
    file.body_line = begin == nowhere ? i : begin;
    begin = nowhere;
    i += 2;
    while (i < body.size()) {
      const auto numbers = hunk_header(body[i]);
      if (!numbers) break;
      Hunk hunk;
      hunk.old_line = (*numbers)[0];
      hunk.new_line = (*numbers)[2];
      hunk.body_line = i;
      uint32_t old_left = (*numbers)[1], new_left = (*numbers)[3];
      ++i;
      while (i < body.size() && (old_left != 0 || new_left != 0)) {
        // Mailers drop the blank of an empty context line.
        const char kind = body[i].empty() ? ' ' : body[i][0];
        if (kind == '\\') {
          ++i;
          continue;
        }
        if (kind != ' ' && kind != '+' && kind != '-') break;
        if (kind != '+' && old_left != 0) --old_left;
        if (kind != '-' && new_left != 0) --new_left;
        hunk.lines.push_back({kind, body[i].empty() ? "" : body[i].substr(1), i});
        ++i;
      }
      file.hunks.push_back(std::move(hunk));
      while (i < body.size() && body[i].starts_with("\\")) ++i;
    }
    --i;
    mail.files.push_back(std::move(file));
  }
}

bool is_header(std::string_view line) {
  const size_t colon = line.find(':');
  return colon != std::string_view::npos && colon != 0 &&
         std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
         });
}

Mail read_mail(const std::vector<std::string_view>& lines) {
  Mail mail;
  size_t i = !lines.empty() && lines[0].starts_with("From ") ? 1 : 0;
  std::string encoding;
  if (i < lines.size() && is_header(lines[i])) {
    std::string name, value;
    const auto keep = [&] {
      const std::string text(trimmed(value));
      if (name == "message-id") mail.message_id = text;
      if (name == "references") mail.references = text;
      if (name == "subject") mail.subject = text;
      if (name == "from") mail.from = text;
      if (name == "to") mail.to = text;
      if (name == "cc") mail.cc = text;
      if (name == "date") mail.date = text;
      if (name == "content-transfer-encoding") encoding = lower(text);
    };
    for (; i < lines.size(); ++i) {
      const std::string_view line = trimmed(lines[i]).empty() ? std::string_view() : lines[i];
      if (line.empty()) break;
      if (line[0] == ' ' || line[0] == '\t') {
        value += " ";
        value += trimmed(line);
        continue;
      }
      keep();
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos) break;
      name = lower(line.substr(0, colon));
      value = trimmed(line.substr(colon + 1));
    }
    keep();
    if (i < lines.size()) ++i;
  }
  std::string text;
  for (; i < lines.size(); ++i) {
    text += lines[i];
    text += '\n';
  }
  if (encoding == "quoted-printable") text = decode_quoted_printable(text);
  if (encoding == "base64") text = decode_base64(text);
  for (std::string_view line : lines_of(text)) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    mail.body.emplace_back(line);
  }
  read_diffs(mail);
  return mail;
}

}  // namespace

bool is_inside_tree(std::string_view path) {
  if (path.empty() || path[0] == '/' || path.find('\0') != std::string_view::npos) return false;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part == ".." || part == "." || part.empty() || lower(part) == ".git") return false;
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return true;
}

Result<std::vector<Mail>> read_series(std::string_view text, const std::string& name) {
  std::vector<Mail> mails;
  std::vector<std::string_view> current;
  bool blank = true;  // a "From " line begins a mail only at the start or after an empty line
  for (const std::string_view line : lines_of(text)) {
    const bool begins =
        blank && line.starts_with("From ") && line.find(':') != std::string_view::npos;  // the time in it
    if (begins && !current.empty()) {
      mails.push_back(read_mail(current));
      current.clear();
    }
    current.push_back(line);
    blank = trimmed(line).empty();
  }
  if (!current.empty()) mails.push_back(read_mail(current));
  bool any = false;
  for (const Mail& mail : mails) {
    for (const FileDiff& file : mail.files) {
      any = true;
      for (const std::string& path : {file.old_path, file.new_path}) {
        if (!path.empty() && !is_inside_tree(path)) {
          return fail(name, fmt::format("the patch names '{}', which is not inside a tree", path),
                      "review it by hand before anything else");
        }
      }
    }
  }
  if (!any)
    return fail(name, "no diff in it", "give patches as git format-patch or a list archive writes them");
  return mails;
}

}  // namespace khover::series
