// docs/lint/flexible-array-count.md
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "lint/checks.h"

namespace khover::lint {
namespace {

bool counts(const abi::Field& field) {
  if (field.kind != abi::TypeKind::integer || !field.dimensions.empty() || field.flexible_array) return false;
  for (const std::string_view word : {"nr", "num", "count", "cnt", "len", "size", "entries", "bytes"}) {
    if (field.name.find(word) != std::string::npos) return true;
  }
  return false;
}

void run(const Headers& headers, Reporter& reporter) {
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    for (size_t i = 0; i < record.fields.size() && i < declaration.members.size(); ++i) {
      const abi::Field& field = record.fields[i];
      if (!field.flexible_array || declaration.members[i].counted_by) continue;
      if (std::any_of(record.fields.begin(), record.fields.end(), counts)) continue;
      const std::string name = member_name(record, field);
      reporter.at(
          declaration.members[i].place, name,
          fmt::format("nothing in '{}' says how many elements '{}' has: a reader cannot check its bounds",
                      record.name, name));
    }
  });
}

}  // namespace

const Check flexible_array_count_check = {
    "flexible-array-count", "a flexible array has no member that counts it", "0.1", Severity::warning, run};

}  // namespace khover::lint
