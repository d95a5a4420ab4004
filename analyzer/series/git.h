// git as a tool that never runs anything of the tree or of the person: no hooks, no filters, no external
// diffs, no configuration but the repository's own, and of that nothing that names a program.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "error/error.h"
#include "series/process.h"

namespace khover::series {

// `words` follow "git -C folder".
Result<Finished> run_git(const std::string& folder, const std::vector<std::string>& words,
                         std::string_view input = {});
// An exit status other than 0 is an error.
Result<std::string> git_output(const std::string& folder, const std::vector<std::string>& words,
                               std::string_view input = {});

// "-c" words that switch off the filters that the repository's configuration names: comparing with files on
// disk would run them.
Result<std::vector<std::string>> without_filters(const std::string& tree);

// Full name of a commit.
Result<std::string> commit_of(const std::string& tree, const std::string& revision);
// No such file: nothing.
Result<std::optional<std::string>> file_at(const std::string& tree, const std::string& commit,
                                           const std::string& path);

// A folder that is gone when this is.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }  // "" : it could not be made

 private:
  std::string path_;
};

// A repository of its own with nothing but an index: where patches are applied.
class Scratch {
 public:
  static Result<std::unique_ptr<Scratch>> create();

  Result<void> add(const std::string& path, std::string_view text);
  Result<void> apply(std::string_view patch);
  // Path and blob of every regular file.
  Result<std::map<std::string, std::string>> files() const;
  Result<std::string> text(const std::string& blob) const;
  // What is in place of what; blobs, "" for an empty file. Lines from 1.
  struct Replaced {
    uint32_t old_line, old_count, new_line, new_count;
  };
  Result<std::vector<Replaced>> compare(const std::string& before, const std::string& after) const;

 private:
  Scratch() = default;
  TemporaryFolder folder_;
};

}  // namespace khover::series
