// docs/lint/bit-field.md
#include <fmt/format.h>

#include <algorithm>

#include "lint/checks.h"

namespace khover::lint {
namespace {

// The bit-fields around it fill whole units of its type, from an aligned one on: every compiler of a
// little-endian 64-bit kernel puts them where shifts and masks would.
bool fills_units(const abi::Record& record, const abi::Field& field) {
  uint64_t bits = 0, begin = UINT64_MAX;
  for (const abi::Field& one : record.fields) {
    if (one.bit_width == 0 || one.element_size != field.element_size) continue;
    bits += one.bit_width;
    begin = std::min(begin, one.offset);
  }
  const uint64_t unit = field.element_size * 8;
  return unit != 0 && bits % unit == 0 && begin % field.element_size == 0;
}

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (field.bit_width == 0 || is_runtime_record(headers, record)) return;
    const std::string name = member_name(record, field);
    Finding& finding =
        reporter.at(member.place, name,
                    fmt::format("'{}' is a bit-field of {} bits: the compiler chooses where its bits are",
                                name, field.bit_width));
    if (fills_units(record, field)) finding.severity = Severity::note;
    if (record.packed && field.size < field.element_size) {
      finding.notes.push_back(
          {{},
           fmt::format("packed, it takes {} of the {} bytes of its type, and the next member follows at once",
                       field.size, field.element_size)});
    }
  });
}

}  // namespace

const Check bit_field_check = {"bit-field", "a member of a serialized record is a bit-field", "0.1",
                               Severity::warning, run};

}  // namespace khover::lint
