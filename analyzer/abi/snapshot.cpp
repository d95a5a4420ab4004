#include "abi/snapshot.h"

namespace khover::abi {

std::optional<__int128> Snapshot::integer(const std::string& name) const {
  if (auto constant = constants.find(name); constant != constants.end()) {
    if (constant->second.integer) return constant->second.integer;
  }
  for (const auto& [key, enumeration] : enumerations) {
    for (const Enumerator& enumerator : enumeration.enumerators) {
      if (enumerator.name == name) return enumerator.value;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Snapshot::text(const std::string& name) const {
  auto constant = constants.find(name);
  if (constant == constants.end()) return std::nullopt;
  return constant->second.text;
}

}  // namespace khover::abi
