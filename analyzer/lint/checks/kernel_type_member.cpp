// docs/lint/kernel-type-member.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {
namespace {

bool is_builtin(const std::string& name) {
  return name == "int" || name == "short" || name == "char" || name == "__int128";
}

void run(const Headers& headers, Reporter& reporter) {
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {
    if (field.kind != abi::TypeKind::integer || field.bit_width != 0 || is_runtime_record(headers, record))
      return;
    // long in disguise (pgoff_t) is what long-member is about.
    if (member.fixed_width || member.is_long || member.type_name.empty()) return;
    if (member.type_name.find(' ') != std::string::npos || is_builtin(member.type_name)) return;
    const std::string name = member_name(record, field);
    reporter.at(member.place, name,
                fmt::format("'{}' is a '{}', {} bytes in this configuration: use a type of fixed width (u{})",
                            name, member.type_name, field.element_size, field.element_size * 8));
  });
}

}  // namespace

const Check kernel_type_member_check = {"kernel-type-member",
                                        "the width of a member depends on a kernel type, not on the ABI",
                                        "0.1", Severity::warning, run};

}  // namespace khover::lint
