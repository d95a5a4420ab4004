// docs/review/object-twice.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// The member that a parameter goes into, by the parameter.
std::map<const clang::VarDecl*, Assigned> kept_parameters(const Function& in) {
  std::map<const clang::VarDecl*, Assigned> kept;
  for (const Assigned& assigned : assignments_of(in)) {
    const clang::VarDecl* from = variable_of(assigned.value);
    if (assigned.left != nullptr && member_of(assigned.left) != nullptr && from != nullptr &&
        llvm::isa<clang::ParmVarDecl>(from))
      kept.try_emplace(from, assigned);
  }
  return kept;
}

const clang::Stmt* compared(const Function& in, const clang::FieldDecl* field, const clang::VarDecl* with) {
  for (const clang::Stmt* statement : in.statements) {
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isEqualityOp()) continue;
    for (const auto& [one, other] :
         {std::pair(binary->getLHS(), binary->getRHS()), std::pair(binary->getRHS(), binary->getLHS())}) {
      if (member_of(one) == field && variable_of(other) == with) return binary;
    }
  }
  return nullptr;
}

// It goes to a function, which may know whom it has seen.
bool is_passed_on(const Function& in, const clang::VarDecl* parameter) {
  for (const clang::CallExpr* call : in.calls) {
    for (const clang::Expr* argument : call->arguments()) {
      if (mentions(argument, parameter)) return true;
    }
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::outgoing) continue;
    const std::map<const clang::VarDecl*, Assigned> kept = kept_parameters(*one);
    for (const auto& [key, where] : kept) {
      const clang::FieldDecl* field = member_of(where.left);
      if (!unit.table.is_member("key", field->getName())) continue;
      const clang::Stmt* asked = compared(*one, field, key);
      if (asked == nullptr) continue;
      for (const auto& [object, place] : kept) {
        const clang::FieldDecl* other = member_of(place.left);
        if (!object->getType()->isPointerType() || other->getParent() != field->getParent() ||
            compared(*one, other, object) != nullptr || is_passed_on(*one, object))
          continue;
        findings::Finding& finding =
            reporter.at(*one, place.at, other->getNameAsString(),
                        fmt::format("'{}' is checked for duplicates, '{}' is not: one object can be "
                                    "preserved twice, and the next kernel restores its memory twice",
                                    field->getNameAsString(), other->getNameAsString()));
        reporter.note(finding, asked, "compared here");
      }
    }
  }
}

}  // namespace

const Check object_twice_check = {"object-twice", "an object can be preserved twice under different keys",
                                  "0.1", findings::Severity::warning, run};

}  // namespace khover::review
