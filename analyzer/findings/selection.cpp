#include "findings/selection.h"

#include <fmt/format.h>

#include <map>

namespace khover::findings {
namespace {

bool matches(std::string_view glob, std::string_view text) {
  if (glob.empty()) return text.empty();
  if (glob[0] == '*') {
    for (size_t skip = 0; skip <= text.size(); ++skip) {
      if (matches(glob.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  return !text.empty() && (glob[0] == '?' || glob[0] == text[0]) && matches(glob.substr(1), text.substr(1));
}

}  // namespace

Result<std::vector<std::string>> select_checks(std::string_view list, const std::vector<std::string>& ids) {
  std::map<std::string, bool> wanted;
  bool first = true;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    std::string_view glob = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    if (glob.empty()) continue;
    const bool take = glob[0] != '-';
    if (!take) glob.remove_prefix(1);
    if (glob.size() > 64) return fail("--checks", "a glob is too long");
    if (first && !take) {
      for (const std::string& id : ids) wanted[id] = true;
    }
    first = false;
    bool any = false;
    for (const std::string& id : ids) {
      if (!matches(glob, id)) continue;
      wanted[id] = take;
      any = true;
    }
    if (!any) return fail("--checks", fmt::format("unknown check '{}'", glob), "see --list-checks");
  }
  std::vector<std::string> selected;
  for (const std::string& id : ids) {
    if (wanted[id]) selected.push_back(id);
  }
  return selected;
}

}  // namespace khover::findings
