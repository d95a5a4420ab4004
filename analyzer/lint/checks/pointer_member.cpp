// docs/lint/pointer-member.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (field.kind != abi::TypeKind::pointer || is_runtime_record(headers, record)) return;
    const std::string name = member_name(record, field);
    Finding& finding = reporter.at(
        member.place, name,
        fmt::format("'{}' is a pointer ('{}'): an address of the old kernel means nothing in the next one",
                    name, field.type));
    if (!member.macro.empty())
      finding.notes.push_back({{}, fmt::format("written by the macro '{}'", member.macro)});
    if (record.is_union) {
      finding.notes.push_back({{},
                               "it shares its bytes with other members of a union: nothing but convention "
                               "keeps it out of images"});
    }
  });
}

}  // namespace

const Check pointer_member_check = {"pointer-member", "a member of a serialized record is a pointer", "0.1",
                                    Severity::warning, run};

}  // namespace khover::lint
