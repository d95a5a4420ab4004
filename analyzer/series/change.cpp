#include "series/change.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

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

Result<Change> apply_series(std::vector<Mail> mails, const Base& base) {
  Result<std::unique_ptr<Scratch>> scratch = Scratch::create();
  if (!scratch) return tl::unexpected(scratch.error());
  Change change;
  std::map<std::string, std::string> before;  // path, text
  std::set<std::string> asked;
  for (const Mail& mail : mails) {
    for (const FileDiff& file : mail.files) {
      for (const std::string& path : {file.old_path, file.new_path}) {
        if (path.empty() || !asked.insert(path).second) continue;
        Result<std::optional<std::string>> text = base(path);
        if (!text) return tl::unexpected(text.error());
        if (!*text) continue;
        if (Result<void> done = (*scratch)->add(path, **text); !done) return tl::unexpected(done.error());
        before[path] = std::move(**text);
      }
    }
  }
  Result<std::map<std::string, std::string>> blobs = (*scratch)->files();
  if (!blobs) return tl::unexpected(blobs.error());
  const std::map<std::string, std::string> first = *blobs;
  std::map<std::string, Lineage> lineages;
  std::map<std::string, std::string> was;  // path now, path before the series
  for (const auto& [path, text] : before) {
    lineages.emplace(path, Lineage(line_count(text)));
    was[path] = path;
  }
  for (size_t number = 0; number < mails.size(); ++number) {
    const Mail& mail = mails[number];
    if (mail.files.empty()) continue;
    std::string patch;
    for (const std::string& line : mail.body) patch += line + "\n";
    if (Result<void> done = (*scratch)->apply(patch); !done) {
      return fail(mail.subject.empty() ? fmt::format("patch {}", number + 1) : mail.subject,
                  fmt::format("does not apply: {}", done.error().what),
                  "give --tree the base of the series, or --range in a tree that has it");
    }
    Result<std::map<std::string, std::string>> now = (*scratch)->files();
    if (!now) return tl::unexpected(now.error());
    for (const auto& [path, blob] : *now) {
      std::string old_blob;
      const auto diff = std::find_if(mail.files.begin(), mail.files.end(),
                                     [&](const FileDiff& file) { return file.new_path == path; });
      if (const auto same = blobs->find(path); same != blobs->end()) {
        old_blob = same->second;
      } else if (diff != mail.files.end() && blobs->contains(diff->old_path)) {
        old_blob = blobs->at(diff->old_path);  // renamed
        lineages.insert_or_assign(path, lineages.at(diff->old_path));
        was[path] = was[diff->old_path];
      }
      if (old_blob == blob) continue;
      Result<std::vector<Scratch::Replaced>> hunks = (*scratch)->compare(old_blob, blob);
      if (!hunks) return tl::unexpected(hunks.error());
      Result<std::string> text = (*scratch)->text(blob);
      if (!text) return tl::unexpected(text.error());
      lineages.try_emplace(path, Lineage(0))
          .first->second.replace(*hunks, lines_of(*text), number,
                                 diff == mail.files.end() ? nullptr : &*diff);
    }
    blobs = std::move(now);
  }
  for (const auto& [path, blob] : *blobs) {
    const auto old = first.find(path);
    if (old != first.end() && old->second == blob) continue;
    ChangedFile file;
    file.path = path;
    file.old_path = was.contains(path) ? was[path] : "";
    if (before.contains(file.old_path)) file.before = before[file.old_path];
    Result<std::string> text = (*scratch)->text(blob);
    if (!text) return tl::unexpected(text.error());
    file.after = std::move(*text);
    file.added = lineages.at(path).added();
    change.files.push_back(std::move(file));
  }
  for (const auto& [path, blob] : first) {
    if (blobs->contains(path)) continue;
    ChangedFile file;
    file.path = file.old_path = path;
    file.before = before[path];
    change.files.push_back(std::move(file));
  }
  change.mails = std::move(mails);
  return change;
}

}  // namespace

Result<Change> apply_patches(const std::string& tree, std::vector<Mail> mails) {
  return apply_series(std::move(mails), [&](const std::string& path) { return file_on_disk(tree, path); });
}

Result<Change> read_range(const std::string& tree, const std::string& range) {
  const size_t dots = range.find("..");
  if (dots == std::string::npos) return fail(range, "is not a range", "write A..B");
  const size_t behind = range.find_first_not_of('.', dots);
  Result<std::string> from = commit_of(tree, range.substr(0, dots));
  if (!from) return tl::unexpected(from.error());
  Result<std::string> to = commit_of(tree, behind == std::string::npos ? "HEAD" : range.substr(behind));
  if (!to) return tl::unexpected(to.error());
  // What both have in common: A may have gone on meanwhile.
  Result<std::string> base = git_output(tree, {"merge-base", *from, *to});
  if (!base)
    return fail(range, "they have no common ancestor", "give the commit that the series is based on");
  const std::string start = base->substr(0, base->find('\n'));
  Result<std::string> mbox =
      git_output(tree, {"format-patch", "--stdout", "--no-signature", "--no-ext-diff", "--no-textconv",
                        "--no-color", "--no-base", "--full-index", "--no-renames", start + ".." + *to});
  if (!mbox) return tl::unexpected(mbox.error());
  Result<std::vector<Mail>> mails = read_series(*mbox, range);
  if (!mails) return tl::unexpected(mails.error());
  Result<Change> change =
      apply_series(std::move(*mails), [&](const std::string& path) { return file_at(tree, start, path); });
  if (!change) return change;
  // The tree on disk may be elsewhere: what it has otherwise is read from git.
  Result<std::vector<std::string>> words = without_filters(tree);
  if (!words) return tl::unexpected(words.error());
  for (const char* word : {"diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames"}) {
    words->emplace_back(word);
  }
  words->push_back(*to);
  words->emplace_back("--");
  Result<std::string> differing = git_output(tree, *words);
  if (!differing) return tl::unexpected(differing.error());
  std::string_view rest = *differing;
  std::set<std::string> touched;
  for (const ChangedFile& file : change->files) touched.insert(file.path);
  while (!rest.empty()) {
    const std::string path(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(std::min(rest.size(), path.size() + 1));
    const bool is_c = path.ends_with(".c") || path.ends_with(".h") || path.ends_with("Makefile");
    if (!is_c || touched.contains(path)) continue;
    if (change->others.size() == most_others) {
      return fail(tree, fmt::format("differs from {} in more than {} files", range, most_others),
                  "check out the end of the range");
    }
    Result<std::optional<std::string>> text = file_at(tree, *to, path);
    if (!text) return tl::unexpected(text.error());
    if (*text) change->others[path] = std::move(**text);
  }
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
    Result<std::optional<std::string>> text = file_on_disk(tree, path);
    if (!text) return tl::unexpected(text.error());
    if (!*text) return fail(name, "no such file in the tree", "give paths relative to the tree");
    ChangedFile file;
    file.path = path;
    const size_t lines = line_count(**text);
    for (size_t i = 1; i <= lines; ++i) file.added[static_cast<uint32_t>(i)] = {};
    file.after = std::move(**text);
    change.files.push_back(std::move(file));
  }
  return change;
}

}  // namespace khover::series
