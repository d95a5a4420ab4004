// docs/review/result-ignored.md
#include <fmt/format.h>

#include "c/results.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

// A function that is given a record of an image and says by an int whether that went well.
bool judges_record(const Unit& unit, const clang::CallExpr* call) {
  const clang::FunctionDecl* target = call->getDirectCallee();
  if (target == nullptr || !target->getReturnType()->isSpecificBuiltinType(clang::BuiltinType::Int))
    return false;
  for (const clang::ParmVarDecl* parameter : target->parameters()) {
    if (unit.is_serialized(pointed_record(parameter->getType()))) return true;
  }
  return false;
}

// A function of these files that runs for a handover and returns an error code.
bool is_fallible_step(const Unit& unit, const clang::CallExpr* call) {
  const Function* target = unit.function(call->getDirectCallee());
  if (target == nullptr || target->kernel == Kernel::unknown ||
      !target->declaration->getReturnType()->isSpecificBuiltinType(clang::BuiltinType::Int))
    return false;
  return std::any_of(target->statements.begin(), target->statements.end(), [&](const clang::Stmt* statement) {
    const auto* end = llvm::dyn_cast<clang::ReturnStmt>(statement);
    if (end == nullptr || end->getRetValue() == nullptr) return false;
    for (const clang::Stmt* part : inside(end->getRetValue())) {
      const auto* value = llvm::dyn_cast<clang::Expr>(part);
      const auto number = value == nullptr ? std::nullopt : constant_of(value, unit.context);
      if (number && *number < 0) return true;
    }
    return false;
  });
}

bool is_discarded(const Function& in, const clang::CallExpr* call) {
  const clang::Stmt* above = in.parent(call);
  if (!llvm::isa_and_nonnull<clang::CompoundStmt>(above)) return false;
  const auto* block = llvm::cast<clang::CompoundStmt>(above);
  return !llvm::isa_and_nonnull<clang::StmtExpr>(in.parent(block)) || block->body_back() != call;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const ResultUse& result : results_of(unit, *one)) {
      if (!result.api->is(Trait::must_use)) continue;
      const std::string name = unit.callee(result.call);
      const bool pointer = result.call->getType()->isPointerType();
      const bool tested = result.null_test != nullptr || result.error_tested;
      if (result.discarded) {
        reporter.at(*one, result.call, name,
                    fmt::format("the result of '{}()' is ignored: its failure goes unnoticed", name));
      } else if (pointer && result.variable != nullptr && !tested && !result.kept_elsewhere &&
                 result.first_use != nullptr) {
        findings::Finding& finding = reporter.at(
            *one, result.first_use, name,
            fmt::format(
                "'{}' is used without a check: '{}()' fails by {}", result.variable->getNameAsString(), name,
                result.api->failure == Failure::null ? "returning NULL" : "returning an error pointer"));
        reporter.note(finding, result.call, "the result is from here");
      } else if (!pointer && result.variable != nullptr && !tested && !result.kept_elsewhere &&
                 result.first_use == nullptr) {
        reporter.at(*one, result.call, name,
                    fmt::format("the result of '{}()' is stored in '{}' and never checked", name,
                                result.variable->getNameAsString()));
      }
    }
    for (const clang::CallExpr* call : one->calls) {
      const Api* api = unit.api(call);
      if ((api != nullptr && api->failure != Failure::none) || !is_discarded(*one, call)) continue;
      if (!judges_record(unit, call)) {
        if (!is_fallible_step(unit, call)) continue;
        reporter.at(
            *one, call, unit.callee(call),
            fmt::format("the result of '{}()' is ignored: its failure goes unnoticed", unit.callee(call)));
        continue;
      }
      reporter.at(*one, call, unit.callee(call),
                  fmt::format("the result of '{}()', which reads or writes a serialized record, is ignored",
                              unit.callee(call)));
    }
  }
}

}  // namespace

const Check result_ignored_check = {"result-ignored",
                                    "the result of preserving, restoring or reading a record is not checked",
                                    "0.1", findings::Severity::error, run};

}  // namespace khover::review
