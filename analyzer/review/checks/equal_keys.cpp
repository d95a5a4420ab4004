// docs/review/equal-keys.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// Whether the member is compared with something in this function, or in one that it calls.
bool is_compared(const Unit& unit, const clang::FieldDecl* field, const Function& in, unsigned depth = 0) {
  for (const clang::Stmt* statement : in.statements) {
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isEqualityOp()) continue;
    if (member_of(binary->getLHS()) == field || member_of(binary->getRHS()) == field) return true;
  }
  for (const clang::CallExpr* call : in.calls) {
    const Function* callee = unit.function(call->getDirectCallee());
    if (callee != nullptr && callee != &in && depth < 3 && is_compared(unit, field, *callee, depth + 1))
      return true;
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming) continue;
    const clang::CallExpr* linked = nullptr;
    for (const clang::CallExpr* call : one->calls) {
      const Api* api = unit.api(call);
      if (api != nullptr && api->has(Role::links)) linked = call;
    }
    if (linked == nullptr) continue;
    for (const Assigned& assigned : assignments_of(*one)) {
      const clang::FieldDecl* own = assigned.left == nullptr ? nullptr : member_of(assigned.left);
      const clang::FieldDecl* from = member_of(assigned.value);
      if (own == nullptr || from == nullptr || unit.is_serialized(own) || !unit.is_serialized(from)) continue;
      if (!unit.table.is_member("key", from->getName()) || !one->reaches(assigned.at, linked)) continue;
      if (is_compared(unit, own, *one)) continue;
      findings::Finding& finding =
          reporter.at(*one, assigned.at, unit.name_of(from),
                      fmt::format("'{}', read from the image, becomes the key of the object without a check "
                                  "for a duplicate: a second object with the same key is never found",
                                  unit.name_of(from)));
      reporter.note(finding, linked, "the object is added to the list here");
    }
  }
}

}  // namespace

const Check equal_keys_check = {"equal-keys",
                                "objects of the image are added to a list without a check for duplicate keys",
                                "0.1", findings::Severity::warning, run};

}  // namespace khover::review
