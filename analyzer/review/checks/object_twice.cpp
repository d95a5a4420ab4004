// docs/review/object-twice.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// What the caller named: a parameter, or what a function made of one, as fget(fd).
bool is_of_caller(const Function& in, const clang::VarDecl* variable) {
  if (llvm::isa<clang::ParmVarDecl>(variable)) return true;
  const auto* call = clang::dyn_cast_or_null<clang::CallExpr>(bare(only_value(assignments_of(in), variable)));
  if (call == nullptr) return false;
  return std::any_of(call->arg_begin(), call->arg_end(), [](const clang::Expr* argument) {
    return llvm::isa_and_nonnull<clang::ParmVarDecl>(variable_of(argument));
  });
}

// The member that it goes into, by the parameter or variable.
std::map<const clang::VarDecl*, Assigned> kept_objects(const Function& in) {
  std::map<const clang::VarDecl*, Assigned> kept;
  for (const Assigned& assigned : assignments_of(in)) {
    const clang::VarDecl* from = variable_of(assigned.value);
    if (assigned.left != nullptr && member_of(assigned.left) != nullptr && from != nullptr &&
        is_of_caller(in, from))
      kept.try_emplace(from, assigned);
  }
  return kept;
}

const clang::Stmt* compared_here(const Function& in, const clang::FieldDecl* field,
                                 const clang::VarDecl* with) {
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

// Here, or in a function of the file that is given it.
const clang::Stmt* compared(const Unit& unit, const Function& in, const clang::FieldDecl* field,
                            const clang::VarDecl* with) {
  if (const clang::Stmt* here = compared_here(in, field, with)) return here;
  for (const clang::CallExpr* call : in.calls) {
    const Function* target = unit.function(call->getDirectCallee());
    if (target == nullptr) continue;
    for (unsigned i = 0; i < call->getNumArgs() && i < target->declaration->getNumParams(); ++i) {
      if (variable_of(call->getArg(i)) == with &&
          compared_here(*target, field, target->declaration->getParamDecl(i)))
        return call;
    }
  }
  return nullptr;
}

// It goes to a function of another file that answers: that may know whom it has seen. A callback belongs to
// the kind of object, and knows of none before.
bool is_passed_on(const Unit& unit, const Function& in, const clang::VarDecl* object) {
  for (const clang::CallExpr* call : in.calls) {
    const clang::FunctionDecl* target = call->getDirectCallee();
    if (target == nullptr || unit.function(target) != nullptr || target->getReturnType()->isVoidType())
      continue;
    for (const clang::Expr* argument : call->arguments()) {
      if (mentions(argument, object)) return true;
    }
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::outgoing) continue;
    const std::map<const clang::VarDecl*, Assigned> kept = kept_objects(*one);
    for (const auto& [key, where] : kept) {
      const clang::FieldDecl* field = member_of(where.left);
      if (!unit.table.is_member("key", field->getName())) continue;
      const clang::Stmt* asked = compared(unit, *one, field, key);
      if (asked == nullptr) continue;
      for (const auto& [object, place] : kept) {
        const clang::FieldDecl* other = member_of(place.left);
        if (!object->getType()->isPointerType() || other->getParent() != field->getParent() ||
            compared(unit, *one, other, object) != nullptr || is_passed_on(unit, *one, object))
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
