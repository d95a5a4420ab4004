// docs/lint/unaligned-member.md
#include <fmt/format.h>

#include <algorithm>

#include "lint/checks.h"

namespace khover::lint {
namespace {

// What the field's scalars would need, were nothing packed.
uint64_t natural_alignment(const Headers& headers, const abi::Field& field) {
  if (field.kind != abi::TypeKind::record) return std::max<uint64_t>(field.element_size, 1);
  const abi::Record* nested = headers.record(field.record);
  uint64_t alignment = 1;
  if (nested == nullptr) return alignment;
  for (const abi::Field& inner : nested->fields) {
    if (inner.bit_width != 0) continue;
    const uint64_t own = natural_alignment(headers, inner);
    // Misaligned inside already: its own record is what is to be reported.
    if (inner.offset % own == 0) alignment = std::max(alignment, own);
  }
  return alignment;
}

// Whether a listed header has an array of it. What a pointer or an address leads to may be one, too: no
// header says so.
bool is_in_array(const Headers& headers, const std::string& record) {
  for (const auto& [name, other] : headers.snapshot.records) {
    for (const abi::Field& field : other.fields) {
      if (field.record == record && (field.flexible_array || !field.dimensions.empty())) return true;
    }
  }
  return false;
}

void run(const Headers& headers, Reporter& reporter) {
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    if (record.is_union || is_runtime_record(headers, record)) return;
    bool any = false;
    uint64_t natural = 1;
    for (size_t i = 0; i < record.fields.size(); ++i) {
      const abi::Field& field = record.fields[i];
      if (field.bit_width != 0) continue;
      const uint64_t alignment = natural_alignment(headers, field);
      natural = std::max(natural, alignment);
      if (field.offset % alignment == 0) continue;
      any = true;
      const std::string name = member_name(record, field);
      reporter.at(
          headers.place_of(record.name, i), name,
          fmt::format("'{}' needs {}-byte alignment and is at byte {}", name, alignment, field.offset));
    }
    // In an array the second element starts where the first ends.
    if (!any && record.size % natural != 0) {
      Finding& finding = reporter.at(
          declaration.place, record.name,
          fmt::format("'{}' has {} bytes: in an array, its {}-byte members are not aligned in every element",
                      record.name, record.size, natural));
      if (!is_in_array(headers, record.name)) finding.severity = Severity::note;
    }
  });
}

}  // namespace

const Check unaligned_member_check = {"unaligned-member",
                                      "a member, or the next element of an array, is not aligned to its size",
                                      "0.1", Severity::warning, run};

}  // namespace khover::lint
