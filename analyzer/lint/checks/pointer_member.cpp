// docs/lint/pointer-member.md
#include <fmt/format.h>

#include <algorithm>

#include "lint/checks.h"

namespace khover::lint {
namespace {

// A macro that declares a pointer beside an integer of the same bytes: its siblings store and load the
// integer, and the pointer is there for its type only.
bool is_declared_with_integer(const abi::Record& record, const abi::Field& pointer, const Member& member) {
  if (!record.is_union || member.macro.empty()) return false;
  return std::any_of(record.fields.begin(), record.fields.end(), [&](const abi::Field& other) {
    return other.kind == abi::TypeKind::integer && other.offset == pointer.offset &&
           other.size == pointer.size;
  });
}

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (field.kind != abi::TypeKind::pointer || is_runtime_record(headers, record) ||
        is_declared_with_integer(record, field, member))
      return;
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
