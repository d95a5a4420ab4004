#include "abi_diff/compare_enumerators.h"

#include <fmt/format.h>

#include <algorithm>

#include "abi/integer_text.h"

namespace khover::abi_diff {

Effect worst_of(const std::vector<Change>& changes) {
  Effect worst = Effect::none;
  for (const Change& change : changes) worst = std::max(worst, change.effect);
  return worst;
}

void compare_enumerators(const abi::Enumeration& before, const abi::Enumeration& after,
                         const std::optional<std::string>& user, Item& item) {
  const auto find = [](const abi::Enumeration& enumeration, const std::string& name) {
    return std::find_if(enumeration.enumerators.begin(), enumeration.enumerators.end(),
                        [&](const abi::Enumerator& one) { return one.name == name; });
  };
  const Effect set_changed = user ? Effect::meaning : Effect::none;
  std::string kept;
  std::vector<size_t> exchanged;
  for (size_t i = 0; i < before.enumerators.size(); ++i) {
    const abi::Enumerator& old = before.enumerators[i];
    const auto found = find(after, old.name);
    if (found != after.enumerators.end()) {
      if (found->value != old.value) {
        item.changes.push_back(
            {"enumerator changed", old.name, abi::integer_text(old.value), abi::integer_text(found->value),
             user ? Effect::layout : Effect::meaning,
             user ? "values of " + *user + " name something else" : "all values computed from it change"});
      } else {
        kept +=
            fmt::format("{}{} stays {}", kept.empty() ? "" : ", ", old.name, abi::integer_text(old.value));
      }
      continue;
    }
    // Another one in the same place of the list: one was put in for the other.
    if (i < after.enumerators.size() && find(before, after.enumerators[i].name) == before.enumerators.end()) {
      exchanged.push_back(i);
      item.changes.push_back(
          {"enumerator exchanged", old.name, fmt::format("{} = {}", old.name, abi::integer_text(old.value)),
           fmt::format("{} = {}", after.enumerators[i].name, abi::integer_text(after.enumerators[i].value)),
           set_changed, user ? "it is a value of " + *user : ""});
      continue;
    }
    item.changes.push_back({"enumerator removed", old.name, abi::integer_text(old.value), "", set_changed,
                            user ? "it was a value of " + *user : ""});
  }
  for (size_t i = 0; i < after.enumerators.size(); ++i) {
    const abi::Enumerator& fresh = after.enumerators[i];
    if (find(before, fresh.name) != before.enumerators.end()) continue;
    if (std::find(exchanged.begin(), exchanged.end(), i) != exchanged.end()) continue;
    item.changes.push_back({"enumerator added", fresh.name, "", abi::integer_text(fresh.value), set_changed,
                            user ? "an older kernel does not know this value of " + *user : ""});
  }
  if (before.size != after.size) {
    item.changes.push_back({"enumeration resized", "", fmt::format("{} bytes", before.size),
                            fmt::format("{} bytes", after.size), Effect::none,
                            "members of it are compared with their records"});
  }
  if (!item.changes.empty() && worst_of(item.changes) == Effect::none) {
    item.because =
        fmt::format("no record has a member of this enumeration{}", kept.empty() ? "" : "; " + kept);
  }
}

}  // namespace khover::abi_diff
