// docs/review/record-not-deleted.md
#include <fmt/format.h>

#include "c/deleted_marks.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

void run(const Unit& unit, Reporter& reporter) {
  // Records that some function of this unit marks: the mark has a meaning here.
  std::set<const clang::RecordDecl*> marked;
  std::map<const Function*, Marks> marks;
  for (const auto& one : unit.functions) {
    marks[one.get()] = marks_of(unit, *one);
    for (const clang::VarDecl* variable : marks[one.get()].variables) {
      const clang::RecordDecl* record = variable == nullptr ? nullptr : pointed_record(variable->getType());
      if (record != nullptr) marked.insert(record);
    }
  }
  for (const auto& one : unit.functions) {
    if (one->name.find("unpreserve") == std::string::npos) continue;
    std::map<const clang::VarDecl*, const clang::Stmt*> records;
    for (const clang::Stmt* statement : one->statements) {
      const auto* reference = dyn_cast<clang::DeclRefExpr>(statement);
      const auto* variable = reference == nullptr ? nullptr : dyn_cast<clang::VarDecl>(reference->getDecl());
      if (variable == nullptr || llvm::isa<clang::ParmVarDecl>(variable) || !variable->hasLocalStorage())
        continue;
      const clang::RecordDecl* record = pointed_record(variable->getType());
      if (record == nullptr || !unit.is_serialized(record) || !marked.contains(record) ||
          !has_mark(unit, record))
        continue;
      records.try_emplace(variable, reference);
    }
    for (const auto& [variable, first] : records) {
      if (marks[one.get()].variables.contains(variable)) continue;
      // Given to a function of this unit that marks what it is given, or freed.
      bool elsewhere = false;
      for (const clang::CallExpr* call : one->calls) {
        const Function* target = unit.function(call->getDirectCallee());
        const Api* api = unit.api(call);
        for (unsigned i = 0; i < call->getNumArgs(); ++i) {
          if (variable_of(call->getArg(i)) != variable) continue;
          if (api != nullptr && api->has(Role::frees)) elsewhere = true;
          if (target != nullptr && i < target->declaration->getNumParams() &&
              marks[target].variables.contains(target->declaration->getParamDecl(i))) {
            elsewhere = true;
          }
        }
      }
      if (elsewhere) continue;
      reporter.at(*one, first, variable->getNameAsString(),
                  fmt::format("'{}()' drops '{}', a '{}', without marking it as deleted: the next kernel "
                              "takes it for a preserved one",
                              one->name, variable->getNameAsString(),
                              pointed_record(variable->getType())->getNameAsString()));
    }
  }
}

}  // namespace

const Check record_not_deleted_check = {
    "record-not-deleted", "unpreserving leaves a record in the image that is not marked as deleted", "0.1",
    findings::Severity::error, run};

}  // namespace khover::review
