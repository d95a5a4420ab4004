// docs/lint/implicit-padding.md
#include <fmt/format.h>

#include <algorithm>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    if (record.is_union || record.packed || declaration.unnamed_bits || is_runtime_record(headers, record))
      return;
    uint64_t end = 0;
    for (size_t i = 0; i < record.fields.size(); ++i) {
      const abi::Field& field = record.fields[i];
      if (field.offset > end) {
        reporter.at(
            headers.place_of(record.name, i), member_name(record, field),
            fmt::format("{} bytes of padding before '{}': an old image has uninitialized memory there",
                        field.offset - end, member_name(record, field)));
      }
      end = std::max(end, field.offset + field.size);
    }
    if (!record.fields.empty() && end < record.size) {
      reporter.at(
          declaration.place, record.name,
          fmt::format("{} bytes of padding at the end of '{}': an old image has uninitialized memory there",
                      record.size - end, record.name));
    }
  });
}

}  // namespace

const Check implicit_padding_check = {"implicit-padding", "a serialized record has implicit padding", "0.1",
                                      Severity::warning, run};

}  // namespace khover::lint
