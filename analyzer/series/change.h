// What a series does to a tree: the files before and after it, and where each new line comes from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "series/series.h"

namespace khover::series {

// The tree without the series, or with it.
enum class Side { before, after };

// Of an added line: which mail, which line of its body.
struct Origin {
  size_t mail = 0;
  size_t body_line = 0;
};

struct ChangedFile {
  std::string path;      // after the series
  std::string old_path;  // before it; "" : it is new
  std::optional<std::string> before;
  std::optional<std::string> after;  // none: deleted
  std::map<uint32_t, Origin> added;  // lines of `after`, from 1

  const std::string& path_at(Side side) const { return side == Side::before ? old_path : path; }
  const std::optional<std::string>& text_at(Side side) const { return side == Side::before ? before : after; }
};

struct Change {
  std::vector<Mail> mails;
  std::vector<ChangedFile> files;
  // Files that the tree on disk has otherwise than the revision under review.
  std::map<std::string, std::string> others;
  std::vector<std::string> notes;  // what was left out, and why
};

// Patches on top of the files on disk.
Result<Change> apply_patches(const std::string& tree, std::vector<Mail> mails);

// "A..B" of a git tree.
Result<Change> read_range(const std::string& tree, const std::string& range);

// Whole files as they are on disk.
Result<Change> whole_files(const std::string& tree, const std::vector<std::string>& files);

}  // namespace khover::series
