// docs/review/index-unaligned.md
#include <fmt/format.h>

#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

// "index % n", "index & mask" of one of these members, on every path to the place.
bool is_aligned(const Unit& unit, const Fields& fields, const clang::Stmt* use, const Function& in) {
  for (const clang::Stmt* statement : in.statements) {
    const auto* binary = clang::dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || (binary->getOpcode() != clang::BO_Rem && binary->getOpcode() != clang::BO_And) ||
        !in.dominates(binary, use))
      continue;
    for (const clang::FieldDecl* field : unit.mentioned(binary, in)) {
      if (fields.contains(field)) return true;
    }
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* argument = unit.argument(call, Role::aligned);
      if (argument == nullptr) continue;
      const Fields fields = unit.image_fields(argument, *one);
      if (fields.empty() || is_aligned(unit, fields, call, *one)) continue;
      reporter.at(*one, argument, unit.name_of(*fields.begin()),
                  fmt::format("'{}', read from the image, is used as a block index, but its alignment is "
                              "never checked: '{}()' relies on it",
                              unit.name_of(*fields.begin()), unit.callee(call)));
    }
  }
}

}  // namespace

const Check index_unaligned_check = {
    "index-unaligned",
    "a value read from the image is used as a block index, but its alignment is never checked", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
