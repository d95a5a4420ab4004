// docs/lint/long-member.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (!member.is_long || field.kind != abi::TypeKind::integer || is_runtime_record(headers, record)) return;
    const std::string name = member_name(record, field);
    Finding& finding =
        reporter.at(member.place, name,
                    fmt::format("'{}' is made of '{}', which has 4 bytes on 32-bit kernels and 8 on others",
                                name, member.type_name));
    if (!member.macro.empty())
      finding.notes.push_back({{}, fmt::format("written by the macro '{}'", member.macro)});
  });
}

}  // namespace

const Check long_member_check = {"long-member",
                                 "the width of a member depends on the word size (long, size_t)", "0.1",
                                 Severity::warning, run};

}  // namespace khover::lint
