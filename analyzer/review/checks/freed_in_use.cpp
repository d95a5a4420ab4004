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

// An object that a count keeps: "if (!--x->count) { …; x->object = NULL; }".
struct Counted {
  const clang::FieldDecl* count = nullptr;
  const clang::Stmt* released = nullptr;
  const Function* by = nullptr;
};

bool names(const clang::Stmt* below, const clang::ValueDecl* what) {
  return named_inside(below).contains(what);
}

const clang::FieldDecl* dropped_count(const Unit& unit, const Function& in, const clang::RecordDecl* record) {
  for (const clang::Stmt* statement : in.statements) {
    const auto* step = dyn_cast<clang::UnaryOperator>(statement);
    if (step == nullptr || !step->isDecrementOp()) continue;
    const clang::FieldDecl* field = member_of(step->getSubExpr());
    const bool counts = field != nullptr && (unit.table.is_member("references", field->getName()) ||
                                             unit.table.is_member("count", field->getName()));
    if (counts && field->getParent() == record) return field;
  }
  return nullptr;
}

std::map<const clang::FieldDecl*, Counted> counted_objects(const Unit& unit) {
  std::map<const clang::FieldDecl*, Counted> found;
  for (const auto& one : unit.functions) {
    for (const Assigned& assigned : assignments_of(*one)) {
      const clang::FieldDecl* object = assigned.left == nullptr ? nullptr : member_of(assigned.left);
      if (object == nullptr || !object->getType()->isPointerType() || !is_zero(assigned.value, unit.context))
        continue;
      const clang::FieldDecl* count = dropped_count(unit, *one, object->getParent());
      if (count != nullptr) found.try_emplace(object, Counted{count, assigned.at, one.get()});
    }
  }
  return found;
}

// "*out = x->object": to whoever calls, without a word to the count.
void find_uncounted(const Unit& unit, Reporter& reporter) {
  const std::map<const clang::FieldDecl*, Counted> objects = counted_objects(unit);
  for (const auto& one : unit.functions) {
    if (!one->declaration->isExternallyVisible()) continue;
    for (const Assigned& assigned : assignments_of(*one)) {
      const auto* out = assigned.left == nullptr
                            ? nullptr
                            : llvm::dyn_cast_or_null<clang::UnaryOperator>(bare(assigned.left));
      const auto known = objects.find(member_of(assigned.value));
      if (out == nullptr || out->getOpcode() != clang::UO_Deref || known == objects.end() ||
          !llvm::isa_and_nonnull<clang::ParmVarDecl>(variable_of(out->getSubExpr())) ||
          names(one->declaration->getBody(), known->second.count))
        continue;
      // A helper of the file may count for it.
      const bool by_helper =
          std::any_of(one->calls.begin(), one->calls.end(), [&](const clang::CallExpr* call) {
            const Function* helper = unit.function(call->getDirectCallee());
            return helper != nullptr && names(helper->declaration->getBody(), known->second.count);
          });
      if (by_helper) continue;
      const std::string object = known->first->getNameAsString();
      findings::Finding& finding =
          reporter.at(*one, assigned.at, object,
                      fmt::format("'{}' is handed out and '{}' does not go up: '{}()' releases it under its "
                                  "user, a use-after-free",
                                  object, known->second.count->getNameAsString(), known->second.by->name));
      reporter.note(finding, known->second.released, "released here");
    }
  }
}

void run(const Unit& unit, Reporter& reporter) {
  find_uncounted(unit, reporter);
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
      const clang::Expr* argument = unit.argument(call, Role::frees);
      if (argument == nullptr) continue;
      const clang::VarDecl* freed = variable_of(argument);
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
