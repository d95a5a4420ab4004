// One run of clang over one unit, for whoever wants to look at its syntax tree.
#pragma once

#include <clang/AST/ASTContext.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "error/error.h"

namespace khover::c {

struct ParseRequest {
  std::vector<std::string> flags;
  std::string path;  // of the unit
  // Contents that are not on disk, or other ones than on disk: path, text.
  std::vector<std::pair<std::string, std::string>> overlay;
  // Where files may be read from, absolute; empty: anywhere. clang's own headers are always there.
  std::vector<std::string> folders;
};

// Calls `look` with the whole unit parsed; an error, with its place, if it does not parse.
Result<void> parse_unit(const ParseRequest& request, const std::function<void(clang::ASTContext&)>& look);

struct SyntaxError {
  clang::SourceLocation at;  // not valid: of the command line
  std::string where;         // "file:line", "" where `at` is not valid
  std::string text;
};

// Calls `look` with what clang made of the unit, and with the errors in it: most headers and other files of a
// series may be missing. A function that is declared nowhere is int f(...).
void parse_incomplete(const ParseRequest& request,
                      const std::function<void(clang::ASTContext&, const std::vector<SyntaxError>&)>& look);

}  // namespace khover::c
