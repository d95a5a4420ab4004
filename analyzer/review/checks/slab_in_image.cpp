// docs/review/slab-in-image.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// The allocation that a value comes from: kmalloc() and its macros.
const clang::CallExpr* slab_call(const Unit& unit, const clang::Expr* value) {
  std::vector<const clang::Stmt*> open = {value};
  while (!open.empty()) {
    const clang::Stmt* part = open.back();
    open.pop_back();
    if (part == nullptr) continue;
    if (const auto* call = dyn_cast<clang::CallExpr>(part)) {
      const Api* api = unit.api(call);
      if (api != nullptr && api->is(Trait::slab)) return call;
    }
    open.insert(open.end(), part->child_begin(), part->child_end());
  }
  return nullptr;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    std::map<const clang::VarDecl*, const clang::CallExpr*> slab;
    const auto learn = [&](const clang::VarDecl* variable, const clang::Expr* value) {
      if (variable == nullptr || value == nullptr || !variable->getType()->isPointerType()) return;
      if (const clang::CallExpr* call = slab_call(unit, value)) slab[variable] = call;
    };
    for (const clang::Stmt* statement : one->statements) {
      if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
        for (const clang::Decl* part : declaration->decls()) {
          if (const auto* variable = dyn_cast<clang::VarDecl>(part)) learn(variable, variable->getInit());
        }
      } else if (const auto* assignment = dyn_cast<clang::BinaryOperator>(statement)) {
        if (assignment->getOpcode() == clang::BO_Assign)
          learn(variable_of(assignment->getLHS()), assignment->getRHS());
      }
    }
    for (const clang::CallExpr* call : one->calls) {
      const clang::Expr* stored = unit.argument(call, Role::stores_pointer);
      const clang::Expr* argument = stored != nullptr ? stored : unit.argument(call, Role::physical_of);
      const auto source = slab.find(variable_of(argument));
      if (argument == nullptr || source == slab.end()) continue;
      if (stored == nullptr) {
        // Its physical address must go into a record.
        const auto* assignment = dyn_cast_or_null<clang::BinaryOperator>(one->meaningful_parent(call));
        if (assignment == nullptr || !unit.is_serialized(member_of(assignment->getLHS()))) continue;
      }
      findings::Finding& finding =
          reporter.at(*one, call, source->first->getNameAsString(),
                      fmt::format("'{}' is slab memory and becomes part of the image: KHO preserves whole "
                                  "pages, with every other object on them",
                                  source->first->getNameAsString()));
      reporter.note(finding, source->second, "allocated here; use whole pages or kho_alloc_preserve()");
    }
  }
}

}  // namespace

const Check slab_in_image_check = {"slab-in-image", "slab memory becomes part of the image", "0.1",
                                   findings::Severity::error, run};

}  // namespace khover::review
