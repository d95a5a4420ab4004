// docs/review/freed-in-use.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

bool is_static_pointer(const clang::VarDecl* variable) {
  return variable != nullptr && variable->hasGlobalStorage() && !variable->isStaticLocal() &&
         variable->getType()->isPointerType();
}

// Any condition of the function that asks about something else than the pointer itself: a count, a flag.
bool asks(const Function& in, const clang::VarDecl* variable) {
  for (const clang::Stmt* statement : in.statements) {
    const clang::Expr* condition = condition_of(statement);
    if (condition == nullptr) continue;
    std::set<const clang::ValueDecl*> names = named_inside(condition);
    names.erase(variable);
    if (!names.empty()) return true;
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  // Where an object of the file is passed to a function that keeps it.
  std::map<const clang::VarDecl*, const clang::Stmt*> handed_out;
  for (const auto& one : unit.functions) {
    if (one->kernel == Kernel::unknown && unit.table.words.empty()) continue;
    for (const Assigned& assigned : assignments_of(*one)) {
      const clang::VarDecl* from = variable_of(assigned.value);
      if (assigned.left == nullptr || member_of(assigned.left) == nullptr || !is_static_pointer(from))
        continue;
      // Into a structure of the caller's.
      for (const clang::ValueDecl* name : named_inside(assigned.left)) {
        if (llvm::isa<clang::ParmVarDecl>(name)) handed_out.try_emplace(from, assigned.at);
      }
    }
  }
  for (const auto& one : unit.functions) {
    for (const clang::CallExpr* call : one->calls) {
      const Api* api = unit.api(call);
      if (api == nullptr || !api->frees || *api->frees >= call->getNumArgs()) continue;
      const clang::VarDecl* freed = variable_of(call->getArg(*api->frees));
      const auto out = handed_out.find(freed);
      if (freed == nullptr || out == handed_out.end() || asks(*one, freed)) continue;
      findings::Finding& finding =
          reporter.at(*one, call, freed->getNameAsString(),
                      fmt::format("'{}' is freed while others may still use it: it was handed out without a "
                                  "reference count (use-after-free)",
                                  freed->getNameAsString()));
      reporter.note(finding, out->second, "handed out here");
    }
  }
}

}  // namespace

const Check freed_in_use_check = {"freed-in-use",
                                  "an object that was handed out is freed without a reference count", "0.1",
                                  findings::Severity::warning, run};

}  // namespace khover::review
