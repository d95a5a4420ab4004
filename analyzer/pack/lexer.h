// Text of the rule language → tokens with positions.
#pragma once

#include <string>
#include <vector>

#include "error/error.h"
#include "pack/syntax.h"

namespace khover::pack {

enum class TokenKind { number, text, name, symbol, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;  // name, symbol; text: without quotes
  Integer number = 0;
  Position at;
  size_t begin = 0;  // offsets into the source text
  size_t end = 0;
};

// Always ends with an `end` token. Rejects input over 4 KiB: claims are written by people.
Result<std::vector<Token>> tokenize(const std::string& text, const Origin& origin);

}  // namespace khover::pack
