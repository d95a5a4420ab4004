#include "pack/lexer.h"

#include <array>
#include <cctype>

namespace khover::pack {
namespace {

constexpr size_t kMaxClaimBytes = 4096;
// Longest first: "<<" must not be read as two "<".
constexpr std::array<const char*, 28> kSymbols = {"=>", "==", "!=", "<=", ">=", "<<", ">>", "(", ")", "[",
                                                  "]",  ",",  ":",  "+",  "-",  "*",  "/",  "%", "&", "|",
                                                  "<",  ">",  "{",  "}",  "=",  "^",  "~",  "?"};

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool continues_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

class Lexer {
 public:
  Lexer(const std::string& text, const Origin& origin) : text_(text), origin_(origin), at_(origin.start) {}

  Result<std::vector<Token>> run() {
    if (text_.size() > kMaxClaimBytes) {
      return fail(to_string(at_), "an expression of more than 4 KiB", "split it into several rules");
    }
    std::vector<Token> tokens;
    for (;;) {
      skip_blanks();
      Token token;
      token.at = at_;
      token.begin = pos_;
      if (pos_ == text_.size()) {
        token.end = pos_;
        tokens.push_back(token);
        return tokens;
      }
      if (auto scanned = scan(token); !scanned) return tl::unexpected(scanned.error());
      token.end = pos_;
      tokens.push_back(std::move(token));
    }
  }

 private:
  void advance(size_t count = 1) {
    for (size_t i = 0; i < count; ++i, ++pos_) {
      if (text_[pos_] == '\n') {
        ++at_.line;
        at_.column = origin_.next_line_column;
      } else {
        ++at_.column;
      }
    }
  }

  void skip_blanks() {
    while (pos_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[pos_]))) {
        advance();
      } else if (text_[pos_] == '#') {
        while (pos_ < text_.size() && text_[pos_] != '\n') advance();
      } else {
        return;
      }
    }
  }

  Result<void> scan(Token& token) {
    const char c = text_[pos_];
    if (std::isdigit(static_cast<unsigned char>(c))) return scan_number(token);
    if (c == '"') return scan_text(token);
    if (starts_name(c)) {
      token.kind = TokenKind::name;
      while (pos_ < text_.size() && (continues_name(text_[pos_]) || is_inner_hyphen())) {
        token.text += text_[pos_];
        advance();
      }
      return {};
    }
    for (const char* symbol : kSymbols) {
      const std::string_view s = symbol;
      if (text_.compare(pos_, s.size(), s) == 0) {
        token.kind = TokenKind::symbol;
        token.text = s;
        advance(s.size());
        return {};
      }
    }
    return fail(to_string(at_), std::string("unexpected character '") + c + "'");
  }

  // A hyphen between letters belongs to a name such as kexec-metadata.root; subtraction needs blanks.
  bool is_inner_hyphen() const {
    return text_[pos_] == '-' && pos_ + 1 < text_.size() && starts_name(text_[pos_ + 1]);
  }

  Result<void> scan_number(Token& token) {
    token.kind = TokenKind::number;
    int base = 10;
    if (text_.compare(pos_, 2, "0x") == 0) {
      base = 16;
      advance(2);
    }
    const size_t first = pos_;
    constexpr Integer kLimit = Integer{1} << 100;
    while (pos_ < text_.size() && std::isxdigit(static_cast<unsigned char>(text_[pos_]))) {
      const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(text_[pos_])));
      const int digit = c >= 'a' ? c - 'a' + 10 : c - '0';
      if (digit >= base) break;
      token.number = token.number * base + digit;
      if (token.number > kLimit) return fail(to_string(token.at), "number too large");
      advance();
    }
    if (pos_ == first || (pos_ < text_.size() && continues_name(text_[pos_]) && text_[pos_] != '.')) {
      return fail(to_string(token.at), "malformed number");
    }
    return {};
  }

  Result<void> scan_text(Token& token) {
    token.kind = TokenKind::text;
    advance();
    while (pos_ < text_.size() && text_[pos_] != '"' && text_[pos_] != '\n') {
      token.text += text_[pos_];
      advance();
    }
    if (pos_ == text_.size() || text_[pos_] != '"') return fail(to_string(token.at), "string without end");
    advance();
    return {};
  }

  const std::string& text_;
  const Origin& origin_;
  Position at_;
  size_t pos_ = 0;
};

}  // namespace

Result<std::vector<Token>> tokenize(const std::string& text, const Origin& origin) {
  return Lexer(text, origin).run();
}

std::string to_string(const Position& position) {
  return position.file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

}  // namespace khover::pack
