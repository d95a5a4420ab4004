// docs/lint/layout-not-pinned.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    if (declaration.nested || record.packed || headers.size_asserted.contains(record.name)) return;
    if (is_runtime_record(headers, record)) return;
    reporter.at(declaration.place, record.name,
                fmt::format("'{}' is neither __packed nor has a static_assert of its size ({} bytes): a "
                            "change of its layout goes unnoticed",
                            record.name, record.size));
  });
}

}  // namespace

const Check layout_not_pinned_check = {
    "layout-not-pinned", "a serialized record is neither packed nor has a static_assert of its size", "0.1",
    Severity::note, run};

}  // namespace khover::lint
