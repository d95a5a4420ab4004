// docs/review/value-unchecked.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "review/checks.h"

namespace khover::review {
namespace {

// "inode->i_size = ser->size": what i_size_write() would be told, without it.
void find_assigned_sizes(const Unit& unit, const Function& in, Reporter& reporter) {
  for (const Assigned& assigned : assignments_of(in)) {
    const clang::FieldDecl* target = assigned.left == nullptr ? nullptr : member_of(assigned.left);
    if (target == nullptr || unit.is_serialized(target) ||
        !unit.table.is_member("file-size", target->getName()))
      continue;
    for (const clang::FieldDecl* field : unit.image_fields(assigned.value, in)) {
      if (unit.is_tested(field, assigned.at, in, true)) continue;
      reporter.at(
          in, assigned.at, fmt::format("{} {}", unit.name_of(field), target->getNameAsString()),
          fmt::format(
              "'{}', a number of the image, becomes '{}' without a limit: a file size must not be negative",
              unit.name_of(field), target->getNameAsString()));
      break;
    }
  }
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming) continue;
    find_assigned_sizes(unit, *one, reporter);
    for (const clang::CallExpr* call : one->calls) {
      const Api* api = unit.api(call);
      if (api == nullptr) continue;
      for (const auto& [argument, what] : api->sinks) {
        if (argument >= call->getNumArgs()) continue;
        for (const clang::FieldDecl* field : unit.image_fields(call->getArg(argument), *one)) {
          if (unit.is_tested(field, call, *one, true)) continue;
          reporter.at(*one, call, fmt::format("{} {}", unit.name_of(field), unit.callee(call)),
                      fmt::format("'{}', read from the image, reaches '{}()' without a bounds check: {}",
                                  unit.name_of(field), unit.callee(call), what));
          break;
        }
      }
    }
  }
}

}  // namespace

const Check value_unchecked_check = {
    "value-unchecked",
    "a value read from the image is used as a size, length or count without a bounds check", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
