// docs/lint/bool-member.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (field.kind != abi::TypeKind::boolean || is_runtime_record(headers, record)) return;
    const std::string name = member_name(record, field);
    reporter.at(
        member.place, name,
        fmt::format("'{}' is a bool: reading any byte other than 0 and 1 from an image is undefined", name));
  });
}

}  // namespace

const Check bool_member_check = {"bool-member", "a member of a serialized record is a bool", "0.1",
                                 Severity::warning, run};

}  // namespace khover::lint
