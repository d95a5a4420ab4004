// docs/lint/enum-member.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (field.kind != abi::TypeKind::enumeration || is_runtime_record(headers, record)) return;
    const std::string name = member_name(record, field);
    reporter.at(
        member.place, name,
        fmt::format("'{}' is an enumeration ('{}'): its width and sign follow from the largest enumerator",
                    name, field.type));
  });
}

}  // namespace

const Check enum_member_check = {"enum-member", "a member of a serialized record is an enumeration", "0.1",
                                 Severity::warning, run};

}  // namespace khover::lint
