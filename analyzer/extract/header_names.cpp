#include "extract/header_names.h"

#include <algorithm>

namespace khover::extract {

HeaderNames::HeaderNames(std::vector<std::string> roots) : roots_(std::move(roots)) {
  std::sort(roots_.begin(), roots_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string HeaderNames::name(const std::string& path) const {
  for (const std::string& root : roots_) {
    if (path.size() > root.size() && path.starts_with(root) && path[root.size()] == '/') {
      return path.substr(root.size() + 1);
    }
  }
  return path.substr(path.rfind('/') + 1);
}

}  // namespace khover::extract
