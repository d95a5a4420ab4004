// docs/review/null-after-conversion.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    std::map<const clang::VarDecl*, const clang::CallExpr*> converted;
    std::map<const clang::VarDecl*, unsigned> writes;
    const auto learn = [&](const clang::VarDecl* variable, const clang::Expr* value) {
      if (variable == nullptr || value == nullptr) return;
      ++writes[variable];
      const auto* call = dyn_cast_or_null<clang::CallExpr>(bare(value));
      const Api* api = call == nullptr ? nullptr : unit.api(call);
      if (api != nullptr && api->has(Role::address)) converted[variable] = call;
    };
    for (const clang::Stmt* statement : one->statements) {
      if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
        for (const clang::Decl* part : declaration->decls()) {
          const auto* variable = dyn_cast<clang::VarDecl>(part);
          if (variable != nullptr) learn(variable, variable->getInit());
        }
      } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement)) {
        if (binary->getOpcode() == clang::BO_Assign) learn(variable_of(binary->getLHS()), binary->getRHS());
      }
    }
    for (const clang::Stmt* statement : one->statements) {
      const auto* negation = dyn_cast<clang::UnaryOperator>(statement);
      const auto* equal = dyn_cast<clang::BinaryOperator>(statement);
      const clang::VarDecl* variable = nullptr;
      if (negation != nullptr && negation->getOpcode() == clang::UO_LNot)
        variable = variable_of(negation->getSubExpr());
      if (equal != nullptr && equal->isEqualityOp() && is_zero(equal->getRHS(), unit.context)) {
        variable = variable_of(equal->getLHS());
      }
      const auto source = converted.find(variable);
      // A variable with a second source may well be NULL.
      if (variable == nullptr || source == converted.end() || writes[variable] != 1) continue;
      if (!one->dominates(source->second, statement)) continue;
      findings::Finding& finding =
          reporter.at(*one, statement, variable->getNameAsString(),
                      fmt::format("'{}' is never NULL here: '{}()' maps address 0 to the first page of "
                                  "memory; check the address before the conversion",
                                  variable->getNameAsString(), unit.callee(source->second)));
      reporter.note(finding, source->second, "converted here");
    }
  }
}

}  // namespace

const Check null_after_conversion_check = {
    "null-after-conversion", "a pointer converted from a physical address is compared with NULL", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
