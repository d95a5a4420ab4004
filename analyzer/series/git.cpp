#include "series/git.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "error/try.h"

namespace khover::series {
namespace {

namespace fs = std::filesystem;

constexpr unsigned longest_git = 120;  // seconds

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Result<Finished> run_git(const std::string& folder, const std::vector<std::string>& words,
                         std::string_view input) {
  std::vector<std::string> all = {"git",
                                  "-C",
                                  folder,
                                  "-c",
                                  "core.hooksPath=/dev/null",
                                  "-c",
                                  "core.fsmonitor=false",
                                  "-c",
                                  "core.attributesFile=/dev/null",
                                  "-c",
                                  "core.pager=cat",
                                  "-c",
                                  "protocol.allow=never",
                                  "-c",
                                  "safe.directory=*",
                                  "--no-pager",
                                  "--literal-pathspecs"};
  all.insert(all.end(), words.begin(), words.end());
  // A tree that is no repository, inside of one that is, must not become a part of that.
  std::error_code error;
  const std::string above = fs::canonical(folder, error).parent_path().string();
  return run_program(all, input,
                     {{"GIT_CONFIG_NOSYSTEM", "1"},
                      {"GIT_CONFIG_GLOBAL", "/dev/null"},
                      {"GIT_ATTR_NOSYSTEM", "1"},
                      {"GIT_TERMINAL_PROMPT", "0"},
                      {"GIT_OPTIONAL_LOCKS", "0"},
                      {"GIT_CEILING_DIRECTORIES", above},
                      {"GIT_NO_LAZY_FETCH", "1"},
                      {"LC_ALL", "C"}},
                     longest_git);
}

Result<std::string> git_output(const std::string& folder, const std::vector<std::string>& words,
                               std::string_view input) {
  Finished finished = TRY(run_git(folder, words, input));
  if (finished.status != 0) return fail("git " + words[0], first_line(finished.errors));
  return std::move(finished.output);
}

Result<std::vector<std::string>> without_filters(const std::string& tree) {
  const Finished listed =
      TRY(run_git(tree, {"config", "--null", "--name-only", "--get-regexp", "^filter\\."}));
  std::vector<std::string> words;
  std::string_view rest = listed.output;  // none: exit status 1
  while (!rest.empty()) {
    const std::string name(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    words.push_back("-c");
    words.push_back(name.ends_with(".required") ? name + "=false" : name + "=");
  }
  return words;
}

Result<std::string> commit_of(const std::string& tree, const std::string& revision) {
  if (revision.empty() || revision[0] == '-')
    return fail(revision, "is not a revision", "name a commit, tag or branch");
  Result<std::string> name =
      git_output(tree, {"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"});
  if (!name) {
    return fail(revision, "is not a revision of this tree",
                "give --tree a git clone, and a commit that it has");
  }
  return first_line(*name);
}

Result<std::optional<std::string>> file_at(const std::string& tree, const std::string& commit,
                                           const std::string& path) {
  Result<Finished> listed = run_git(tree, {"ls-tree", "--full-tree", commit, "--", path});
  if (!listed) return tl::unexpected(listed.error());
  if (listed->status != 0) return fail(path, first_line(listed->errors));
  if (!listed->output.starts_with("100")) return std::optional<std::string>();
  std::string text = TRY(git_output(tree, {"cat-file", "blob", commit + ":" + path}));
  return std::optional<std::string>(std::move(text));
}

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "khover-XXXXXX").string();
  if (!error && mkdtemp(name.data()) != nullptr) path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  if (!path_.empty()) fs::remove_all(path_, error);
}

Result<std::unique_ptr<Scratch>> Scratch::create() {
  std::unique_ptr<Scratch> scratch(new Scratch());
  if (scratch->folder_.path().empty()) return fail("", "cannot create a temporary folder", "set TMPDIR");
  TRY(git_output(scratch->folder_.path(), {"init", "--quiet", "--bare", "--template=", "."}));
  return scratch;
}

Result<void> Scratch::add(const std::string& path, std::string_view text) {
  std::string blob = TRY(git_output(folder_.path(), {"hash-object", "-w", "--no-filters", "--stdin"}, text));
  TRY(git_output(folder_.path(), {"update-index", "--add", "--cacheinfo",
                                  fmt::format("100644,{},{}", first_line(blob), path)}));
  return {};
}

Result<void> Scratch::apply(std::string_view patch) {
  TRY(git_output(folder_.path(), {"apply", "--cached", "--whitespace=nowarn", "-"}, patch));
  return {};
}

Result<std::map<std::string, std::string>> Scratch::files() const {
  const std::string listed = TRY(git_output(folder_.path(), {"ls-files", "--stage", "-z"}));
  std::map<std::string, std::string> files;
  std::string_view rest = listed;
  while (!rest.empty()) {
    const size_t end = rest.find('\0');
    const std::string_view entry = rest.substr(0, end);  // "100644 BLOB 0\tPATH"
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const size_t space = entry.find(' ');
    const size_t tab = entry.find('\t');
    if (!entry.starts_with("100") || space == std::string_view::npos || tab == std::string_view::npos)
      continue;
    files[std::string(entry.substr(tab + 1))] =
        std::string(entry.substr(space + 1, entry.find(' ', space + 1) - space - 1));
  }
  return files;
}

Result<std::string> Scratch::text(const std::string& blob) const {
  return git_output(folder_.path(), {"cat-file", "blob", blob});
}

Result<std::vector<Scratch::Replaced>> Scratch::compare(const std::string& before,
                                                        const std::string& after) const {
  const auto blob = [&](const std::string& name) -> Result<std::string> {
    if (!name.empty()) return name;
    Result<std::string> empty = git_output(folder_.path(), {"hash-object", "-w", "--no-filters", "--stdin"});
    if (!empty) return empty;
    return first_line(*empty);
  };
  const std::string one = TRY(blob(before));
  const std::string two = TRY(blob(after));
  const std::string diff = TRY(git_output(
      folder_.path(), {"diff", "--no-color", "--no-ext-diff", "--no-textconv", "--text", "-U0", one, two}));
  std::vector<Replaced> replaced;
  std::string_view rest = diff;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.starts_with("@@ -")) continue;
    Replaced hunk{0, 1, 0, 1};
    line.remove_prefix(4);
    const auto number = [&](uint32_t& value) {
      const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), value);
      line.remove_prefix(static_cast<size_t>(stop - line.data()));
    };
    number(hunk.old_line);
    if (line.starts_with(",")) {
      line.remove_prefix(1);
      number(hunk.old_count);
    }
    if (!line.starts_with(" +")) continue;
    line.remove_prefix(2);
    number(hunk.new_line);
    if (line.starts_with(",")) {
      line.remove_prefix(1);
      number(hunk.new_count);
    }
    replaced.push_back(hunk);
  }
  return replaced;
}

}  // namespace khover::series
