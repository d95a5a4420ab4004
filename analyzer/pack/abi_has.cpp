#include "pack/abi_has.h"

#include <algorithm>

namespace khover::pack {
namespace {

constexpr unsigned kMaxNameless =
    8;  // nameless members in each other: a snapshot may be made so that there is no end

// The record, or a nameless member of it, has the field. A nameless record has a name with a dot.
bool has_field(const abi::Snapshot& snapshot, const std::string& name, const std::string& field,
               unsigned depth = 0) {
  const auto record = snapshot.records.find(name);
  if (record == snapshot.records.end() || depth > kMaxNameless) return false;
  return std::any_of(record->second.fields.begin(), record->second.fields.end(), [&](const abi::Field& one) {
    return one.name == field || (one.name.empty() && has_field(snapshot, one.record, field, depth + 1));
  });
}

}  // namespace

bool abi_has(const abi::Snapshot& snapshot, const std::string& name) {
  if (const size_t dot = name.find('.'); dot != std::string::npos)
    return has_field(snapshot, name.substr(0, dot), name.substr(dot + 1));
  return snapshot.records.count(name) != 0 || snapshot.integer(name).has_value() ||
         snapshot.text(name).has_value();
}

}  // namespace khover::pack
