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
    reporter.at(declaration.place, record.name,
                fmt::format("'{}' contains {} and cannot be handed over: declare it in a private header",
                            record.name, members));
  });
}

}  // namespace

const Check runtime_record_check = {"runtime-record", "a runtime record is declared in an ABI header", "0.1",
                                    Severity::warning, run};

}  // namespace khover::lint
