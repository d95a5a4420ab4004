// docs/review/partial-page.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast_or_null;

// "size >> 12", "size / 4096": what is divided into pages, and rounded down.
const clang::Expr* divided(const clang::Expr* value, const clang::ASTContext& context) {
  const auto* binary = dyn_cast_or_null<clang::BinaryOperator>(bare(value));
  if (binary == nullptr) return nullptr;
  const std::optional<__int128> by = constant_of(binary->getRHS(), context);
  const bool shift = binary->getOpcode() == clang::BO_Shr && by && *by >= 12 && *by <= 16;
  const bool division = binary->getOpcode() == clang::BO_Div && by && *by >= 4096 && *by <= 65536;
  return shift || division ? bare(binary->getLHS()) : nullptr;
}

// The last bits of it are looked at somewhere: "size & 4095", "size % 4096", or a round number is made of it.
bool has_round_value(const clang::Expr* size, const Function& in) {
  const clang::VarDecl* variable = variable_of(size);
  const clang::FieldDecl* field = member_of(size);
  for (const clang::Stmt* statement : in.statements) {
    const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || (binary->getOpcode() != clang::BO_And && binary->getOpcode() != clang::BO_Rem &&
                              binary->getOpcode() != clang::BO_AndAssign))
      continue;
    for (const clang::Stmt* part : in.statements) {
      if (!in.is_inside(part, binary)) continue;
      if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(part)) {
        if (variable != nullptr && reference->getDecl() == variable) return true;
      } else if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(part)) {
        if (field != nullptr && member->getMemberDecl() == field) return true;
      }
    }
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    const std::vector<Assigned>& assignments = assignments_of(*one);
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* count = unit.argument(call, Role::page_count);
      if (count == nullptr) continue;
      if (const clang::Expr* value = only_value(assignments, variable_of(count))) count = value;
      const clang::Expr* size = divided(count, unit.context);
      // A sum may have been rounded up; a plain value was not.
      if (size == nullptr || (variable_of(size) == nullptr && member_of(size) == nullptr)) continue;
      if (has_round_value(size, *one)) continue;
      reporter.at(*one, call, unit.text(size),
                  fmt::format("'{}' is rounded down to whole pages: '{}()' leaves out the last partial page",
                              unit.text(size), unit.callee(call)));
    }
  }
}

}  // namespace

const Check partial_page_check = {"partial-page",
                                  "a size is rounded down to pages, which leaves out the last partial page",
                                  "0.1", findings::Severity::warning, run};

}  // namespace khover::review
