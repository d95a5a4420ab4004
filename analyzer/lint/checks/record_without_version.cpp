// docs/lint/record-without-version.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    if (declaration.nested || is_runtime_record(headers, record) || !headers.covers(record).empty()) return;
    reporter.at(
        declaration.place, record.name,
        fmt::format(
            "no version string or number covers '{}': a changed layout cannot be told from the old one",
            record.name));
  });
}

}  // namespace

const Check record_without_version_check = {"record-without-version", "no version covers a serialized record",
                                            "0.1", Severity::warning, run};

}  // namespace khover::lint
