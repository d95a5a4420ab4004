// docs/lint/bit-field.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (field.bit_width == 0 || is_runtime_record(headers, record)) return;
    const std::string name = member_name(record, field);
    Finding& finding =
        reporter.at(member.place, name,
                    fmt::format("'{}' is a bit-field of {} bits: the compiler chooses where its bits are",
                                name, field.bit_width));
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
