#include "series/change.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "error/try.h"
#include "series/git.h"

namespace khover::series {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t largest_file = 16u << 20;
constexpr size_t most_others = 5000;

using Base = std::function<Result<std::optional<std::string>>(const std::string& path)>;

Result<std::optional<std::string>> file_on_disk(const std::string& tree, const std::string& path) {
  std::error_code error;
  const fs::path full = fs::path(tree) / path;
  if (!fs::is_regular_file(full, error)) return std::optional<std::string>();
  // A link in the tree may lead out of it.
  const fs::path real = fs::canonical(full, error);
  const fs::path root = fs::canonical(tree, error);
  if (error || !real.string().starts_with(root.string() + "/")) {
    return fail(path, "leads out of the tree", "give a tree without such links");
  }
  if (fs::file_size(real, error) > largest_file) return fail(path, "is too large to be reviewed");
  std::ifstream file(real, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(path, "cannot be read");
  return std::optional<std::string>(std::move(text).str());
}

size_t line_count(const std::string& text) {
  const auto newlines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  return newlines + (!text.empty() && text.back() != '\n' ? 1 : 0);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
  return lines;
}

// Where the lines of one file come from, kept up while patches are applied.
class Lineage {
 public:
  explicit Lineage(size_t lines) : lines_(lines) {}

  void replace(const std::vector<Scratch::Replaced>& hunks, const std::vector<std::string>& after,
               size_t mail, const FileDiff* diff) {
    std::vector<std::pair<std::string_view, size_t>> written;  // text, body line
    if (diff != nullptr) {
      for (const Hunk& hunk : diff->hunks) {
        for (const DiffLine& line : hunk.lines) {
          if (line.kind == '+') written.emplace_back(line.text, line.body_line);
        }
      }
    }
    std::vector<std::optional<Origin>> result;
    size_t old_at = 0, next = 0;
    for (const Scratch::Replaced& hunk : hunks) {
      // A count of 0 names the line before the place.
      const size_t first = hunk.old_count == 0 ? hunk.old_line : hunk.old_line - 1;
      while (old_at < first && old_at < lines_.size()) result.push_back(lines_[old_at++]);
      old_at = std::min<size_t>(old_at + hunk.old_count, lines_.size());
      for (uint32_t i = 0; i < hunk.new_count; ++i) {
        const size_t number = hunk.new_line - 1 + i;
        const std::string_view text = number < after.size() ? std::string_view(after[number]) : "";
        // In the order of the patch; git may have matched equal lines otherwise than the author's diff.
        size_t found = next;
        while (found < written.size() && written[found].first != text) ++found;
        if (found == written.size()) {
          found = 0;
          while (found < written.size() && written[found].first != text) ++found;
        }
        Origin origin{mail, 0};
        if (found < written.size()) {
          origin.body_line = written[found].second;
          next = found + 1;
        }
        result.push_back(origin);
      }
    }
    while (old_at < lines_.size()) result.push_back(lines_[old_at++]);
    lines_ = std::move(result);
  }

  std::map<uint32_t, Origin> added() const {
    std::map<uint32_t, Origin> map;
    for (size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i]) map[static_cast<uint32_t>(i + 1)] = *lines_[i];
    }
    return map;
  }

 private:
  std::vector<std::optional<Origin>> lines_;
};

// Patches applied one after the other, with what each of them wrote.
class Applier {
 public:
  explicit Applier(std::unique_ptr<Scratch> scratch) : scratch_(std::move(scratch)) {}

  Result<Change> run(std::vector<Mail> mails, const Base& base) {
    TRY(take_base(mails, base));
    for (size_t number = 0; number < mails.size(); ++number) {
      if (!mails[number].files.empty()) TRY(apply(mails[number], number));
    }
    Change change;
    TRY(add_changed(change));
    change.mails = std::move(mails);
    return change;
  }

 private:
  Result<void> take_base(const std::vector<Mail>& mails, const Base& base) {
    std::set<std::string> asked;
    for (const Mail& mail : mails) {
      for (const FileDiff& file : mail.files) {
        for (const std::string& path : {file.old_path, file.new_path}) {
          if (path.empty() || !asked.insert(path).second) continue;
          std::optional<std::string> text = TRY(base(path));
          if (!text) continue;
          TRY(scratch_->add(path, *text));
          lineages_.emplace(path, Lineage(line_count(*text)));
          was_[path] = path;
          before_[path] = std::move(*text);
        }
      }
    }
    first_ = blobs_ = TRY(scratch_->files());
    return {};
  }

  Result<void> apply(const Mail& mail, size_t number) {
    std::string patch;
    for (const std::string& line : mail.body) patch += line + "\n";
    if (Result<void> done = scratch_->apply(patch); !done) {
      return fail(mail.subject.empty() ? fmt::format("patch {}", number + 1) : mail.subject,
                  fmt::format("does not apply: {}", done.error().what),
                  "give --tree the base of the series, or --range in a tree that has it");
    }
    std::map<std::string, std::string> now = TRY(scratch_->files());
    for (const auto& [path, blob] : now) TRY(follow(path, blob, mail, number));
    blobs_ = std::move(now);
    return {};
  }

  // Lines of one file from before this mail to after it.
  Result<void> follow(const std::string& path, const std::string& blob, const Mail& mail, size_t number) {
    std::string old_blob;
    const auto diff = std::find_if(mail.files.begin(), mail.files.end(),
                                   [&](const FileDiff& file) { return file.new_path == path; });
    if (const auto same = blobs_.find(path); same != blobs_.end()) {
      old_blob = same->second;
    } else if (diff != mail.files.end() && blobs_.contains(diff->old_path)) {
      old_blob = blobs_.at(diff->old_path);  // renamed
      lineages_.insert_or_assign(path, lineages_.at(diff->old_path));
      was_[path] = was_[diff->old_path];
    }
    if (old_blob == blob) return {};
    const std::vector<Scratch::Replaced> hunks = TRY(scratch_->compare(old_blob, blob));
    const std::string text = TRY(scratch_->text(blob));
    lineages_.try_emplace(path, Lineage(0))
        .first->second.replace(hunks, lines_of(text), number, diff == mail.files.end() ? nullptr : &*diff);
    return {};
  }

  Result<void> add_changed(Change& change) {
    for (const auto& [path, blob] : blobs_) {
      const auto old = first_.find(path);
      if (old != first_.end() && old->second == blob) continue;
      ChangedFile file;
      file.path = path;
      file.old_path = was_.contains(path) ? was_[path] : "";
      if (before_.contains(file.old_path)) file.before = before_[file.old_path];
      file.after = TRY(scratch_->text(blob));
      file.added = lineages_.at(path).added();
      change.files.push_back(std::move(file));
    }
    for (const auto& [path, blob] : first_) {
      if (blobs_.contains(path)) continue;
      ChangedFile file;
      file.path = file.old_path = path;
      file.before = before_[path];
      change.files.push_back(std::move(file));
    }
    return {};
  }

  std::unique_ptr<Scratch> scratch_;
  std::map<std::string, std::string> before_;         // path, text
  std::map<std::string, std::string> first_, blobs_;  // path, blob: before the series, and now
  std::map<std::string, Lineage> lineages_;
  std::map<std::string, std::string> was_;  // path now, path before the series
};

Result<Change> apply_series(std::vector<Mail> mails, const Base& base) {
  return Applier(TRY(Scratch::create())).run(std::move(mails), base);
}

// Files that the tree on disk has otherwise than `commit`, as that has them, but those that are changed
// anyway.
Result<void> add_others(const std::string& tree, const std::string& commit, const std::string& range,
                        Change& change) {
  std::vector<std::string> words = TRY(without_filters(tree));
  for (const char* word : {"diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames"}) {
    words.emplace_back(word);
  }
  words.push_back(commit);
  words.emplace_back("--");
  const std::string differing = TRY(git_output(tree, words));
  std::string_view rest = differing;
  std::set<std::string> touched;
  for (const ChangedFile& file : change.files) touched.insert(file.path);
  while (!rest.empty()) {
    const std::string path(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(std::min(rest.size(), path.size() + 1));
    const bool is_c = path.ends_with(".c") || path.ends_with(".h") || path.ends_with("Makefile");
    if (!is_c || touched.contains(path)) continue;
    if (change.others.size() == most_others) {
      return fail(tree, fmt::format("differs from {} in more than {} files", range, most_others),
                  "check out the end of the range");
    }
    std::optional<std::string> text = TRY(file_at(tree, commit, path));
    if (text) change.others[path] = std::move(*text);
  }
  return {};
}

}  // namespace

Result<Change> apply_patches(const std::string& tree, std::vector<Mail> mails) {
  return apply_series(std::move(mails), [&](const std::string& path) { return file_on_disk(tree, path); });
}

Result<Change> read_range(const std::string& tree, const std::string& range) {
  const size_t dots = range.find("..");
  if (dots == std::string::npos) return fail(range, "is not a range", "write A..B");
  const size_t second = range.find_first_not_of('.', dots);
  const std::string from = TRY(commit_of(tree, range.substr(0, dots)));
  const std::string to = TRY(commit_of(tree, second == std::string::npos ? "HEAD" : range.substr(second)));
  // What both have in common: A may have gone on meanwhile.
  const Result<std::string> base = git_output(tree, {"merge-base", from, to});
  if (!base)
    return fail(range, "they have no common ancestor", "give the commit that the series is based on");
  const std::string start = base->substr(0, base->find('\n'));
  const std::string mbox =
      TRY(git_output(tree, {"format-patch", "--stdout", "--no-signature", "--no-ext-diff", "--no-textconv",
                            "--no-color", "--no-base", "--full-index", "--no-renames", start + ".." + to}));
  // No commit, or none that changes a file: nothing to review is no error.
  if (mbox.find("\ndiff --git ") == std::string::npos) return Change();
  std::vector<Mail> mails = TRY(read_series(mbox, range));
  Change change = TRY(
      apply_series(std::move(mails), [&](const std::string& path) { return file_at(tree, start, path); }));
  // The tree on disk may be at another commit: what it has otherwise is read from git.
  TRY(add_others(tree, to, range, change));
  return change;
}

Result<Change> whole_files(const std::string& tree, const std::vector<std::string>& files) {
  Change change;
  std::error_code error;
  const fs::path root = fs::canonical(tree, error);
  for (const std::string& name : files) {
    // Relative to the tree, or to the current folder and then inside the tree.
    std::string path = name;
    if (!fs::is_regular_file(root / name, error)) {
      const fs::path here = fs::canonical(name, error);
      if (error || !here.string().starts_with(root.string() + "/")) {
        return fail(name, "no such file in the tree", "give paths relative to the tree");
      }
      path = here.string().substr(root.string().size() + 1);
    }
    if (!is_inside_tree(path)) return fail(name, "is not inside the tree");
    std::optional<std::string> text = TRY(file_on_disk(tree, path));
    if (!text) return fail(name, "no such file in the tree", "give paths relative to the tree");
    ChangedFile file;
    file.path = path;
    const size_t lines = line_count(*text);
    for (size_t i = 1; i <= lines; ++i) file.added[static_cast<uint32_t>(i)] = {};
    file.after = std::move(*text);
    change.files.push_back(std::move(file));
  }
  return change;
}

}  // namespace khover::series
