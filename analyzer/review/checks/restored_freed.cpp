// docs/review/restored-freed.md
#include <fmt/format.h>

#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

// The member of a structure that says that its contents came from an image.
const clang::FieldDecl* restored_mark(const Unit& unit, const clang::RecordDecl* record) {
  for (const clang::FieldDecl* field : record->fields()) {
    if (unit.table.is_member("restored", field->getName())) return field;
  }
  return nullptr;
}

const clang::FieldDecl* freed_member(const clang::Expr* argument) {
  for (const clang::Stmt* one : inside(argument)) {
    const auto* member = clang::dyn_cast<clang::MemberExpr>(one);
    if (member != nullptr) return clang::dyn_cast<clang::FieldDecl>(member->getMemberDecl());
  }
  return nullptr;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* argument = unit.argument(call, Role::frees);
      if (argument == nullptr) continue;
      const clang::FieldDecl* field = freed_member(argument);
      const clang::FieldDecl* mark = field == nullptr ? nullptr : restored_mark(unit, field->getParent());
      if (mark == nullptr) continue;
      bool asked = false;
      for (const clang::Stmt* statement : one->statements) {
        const clang::Expr* condition = condition_of(statement);
        asked = asked || (condition != nullptr && named_inside(condition).contains(mark));
      }
      if (asked) continue;
      reporter.at(*one, call, field->getNameAsString(),
                  fmt::format("'{}' is freed without checking '{}': restored memory may still be in use "
                              "(use-after-free, or DMA to freed pages)",
                              field->getNameAsString(), mark->getNameAsString()));
    }
  }
}

}  // namespace

const Check restored_freed_check = {"restored-freed",
                                    "a member is freed without checking that it was restored from an image",
                                    "0.1", findings::Severity::warning, run};

}  // namespace khover::review
