// A series of patches, as mails or as plain diffs: who wrote what where, line by line, so that a finding
// can be answered below the line that it is about.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "error/error.h"

namespace khover::series {

struct DiffLine {
  char kind = ' ';       // ' ', '+', '-'
  std::string text;      // without the kind
  size_t body_line = 0;  // index into Mail::body
};

struct Hunk {
  uint32_t old_line = 0, new_line = 0;
  size_t body_line = 0;  // of the "@@" line
  std::vector<DiffLine> lines;
};

struct FileDiff {
  std::string old_path;  // "" : the file is new
  std::string new_path;  // "" : the file is deleted
  size_t body_line = 0;  // of its first line, "diff --git" or "---"
  std::vector<Hunk> hunks;
};

struct Mail {
  std::string message_id;  // "<…>", "" without one
  std::string references;
  std::string subject;
  std::string from;
  std::string to, cc;
  std::string date;
  std::vector<std::string> body;  // decoded, line by line
  std::vector<FileDiff> files;    // none: a cover letter, or an answer
};

// One mbox, one mail or one bare diff. Errors: there is no diff in it.
Result<std::vector<Mail>> read_series(std::string_view text, const std::string& name);

// Paths that leave the tree are not taken: "a/../../etc", "/etc".
bool is_inside_tree(std::string_view path);

}  // namespace khover::series
