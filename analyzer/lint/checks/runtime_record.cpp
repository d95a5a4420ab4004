// docs/lint/runtime-record.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    if (declaration.nested || !is_runtime_record(headers, record)) return;
    std::string members;
    for (const abi::Field& field : record.fields) {
      const std::string type = runtime_type(headers, field);
      if (!type.empty()) members += fmt::format("{}'{}' ({})", members.empty() ? "" : ", ", field.name, type);
    }
    reporter.at(
        declaration.place, record.name,
        fmt::format("'{}' cannot be handed over, it holds {}: declare it where the running kernel needs it",
                    record.name, members));
  });
}

}  // namespace

const Check runtime_record_check = {"runtime-record",
                                    "a record of the running kernel is declared among the serialized ones",
                                    "0.1", Severity::warning, run};

}  // namespace khover::lint
