// Names of headers in a snapshot: relative to the tree they come from, never a path of the
// machine that extracted it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace khover::extract {

class HeaderNames {
 public:
  // Roots are absolute and canonical; a file's name is relative to the longest that holds it.
  explicit HeaderNames(std::vector<std::string> roots);

  // `path` absolute and canonical.
  std::string name(const std::string& path) const;

  void list(const std::string& path) { listed_[path] = name(path); }
  bool is_listed(const std::string& path) const { return listed_.contains(path); }
  const std::map<std::string, std::string>& listed() const { return listed_; }

 private:
  std::vector<std::string> roots_;
  std::map<std::string, std::string> listed_;  // path -> name
};

}  // namespace khover::extract
