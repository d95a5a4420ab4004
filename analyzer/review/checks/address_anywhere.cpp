// docs/review/address-anywhere.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// Variables that point to a property of a device tree.
std::set<const clang::VarDecl*> properties_of(const Unit& unit, const Function& in) {
  std::set<const clang::VarDecl*> found;
  for (const Assigned& assigned : assignments_of(in)) {
    const auto* call = llvm::dyn_cast_or_null<clang::CallExpr>(bare(assigned.value));
    const Api* api = call == nullptr ? nullptr : unit.api(call);
    if (assigned.variable != nullptr && api != nullptr && api->is(Trait::property))
      found.insert(assigned.variable);
  }
  return found;
}

// The property whose value this is made of: "*start", "get_unaligned(start)".
const clang::VarDecl* value_of(const clang::Stmt* value, const std::set<const clang::VarDecl*>& properties) {
  for (const clang::Stmt* one : inside(value)) {
    const auto* reference = dyn_cast<clang::DeclRefExpr>(one);
    const auto* variable = reference == nullptr ? nullptr : dyn_cast<clang::VarDecl>(reference->getDecl());
    if (variable != nullptr && properties.contains(variable)) return variable;
  }
  return nullptr;
}

// A comparison of the value, not of the pointer.
bool is_compared(const clang::VarDecl* property, const clang::Stmt* use, const Function& in) {
  for (const clang::Stmt* statement : in.statements) {
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isComparisonOp() || !in.dominates(binary, use)) continue;
    for (const clang::Expr* side : {binary->getLHS(), binary->getRHS()}) {
      if (bare(side)->getType()->isIntegerType() && variable_of(side) == nullptr &&
          value_of(side, {property}) != nullptr && !llvm::isa<clang::UnaryExprOrTypeTraitExpr>(bare(side)))
        return true;
    }
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel == Kernel::outgoing) continue;
    const std::set<const clang::VarDecl*> properties = properties_of(unit, *one);
    if (properties.empty()) continue;
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* address = unit.argument(call, Role::claims);
      if (address == nullptr) continue;
      const clang::VarDecl* property = value_of(address, properties);
      if (property == nullptr || is_compared(property, call, *one)) continue;
      reporter.at(*one, address, property->getNameAsString(),
                  fmt::format("memory is reserved at '{}', an address read from the image, without a check "
                              "that this memory exists and was preserved for it",
                              property->getNameAsString()));
    }
  }
}

}  // namespace

const Check address_anywhere_check = {
    "address-anywhere", "memory is reserved at an address read from the image without a range check", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
