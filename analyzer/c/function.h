// One function of a unit: its statements, which statement encloses which, and what is always executed before
// what.
#pragma once

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/Stmt.h>
#include <clang/Analysis/Analyses/Dominators.h>
#include <clang/Analysis/CFG.h>
#include <llvm/ADT/DenseMap.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "c/facts.h"
#include "c/table.h"

namespace khover::c {

using Fields = std::set<const clang::FieldDecl*>;

// A place where a value that comes from a record decides something.
struct Test {
  const clang::Stmt* at = nullptr;
  Fields fields;
  bool bound = false;  // against more than zero: it can limit the value
};

class Function {
 public:
  Function(const clang::FunctionDecl* definition, clang::ASTContext& context);

  const clang::FunctionDecl* declaration;
  Kernel kernel = Kernel::unknown;
  std::string name;
  std::vector<const clang::Stmt*> statements;  // all, outer before inner
  std::vector<const clang::CallExpr*> calls;

  // Filled by Unit.
  llvm::DenseMap<const clang::VarDecl*, Fields> variables;  // the members that a variable's value comes from
  // Members of the running kernel's records that get such a value here.
  llvm::DenseMap<const clang::FieldDecl*, Fields> copies;
  std::set<const clang::VarDecl*> counters;  // variables that are stepped
  std::vector<Test> tests;

  // What paths_of(), results_of() and the like found out: computed when the first check asks, kept for the
  // others.
  Facts facts;

  const clang::Stmt* parent(const clang::Stmt* statement) const;
  // The nearest one above that is neither parentheses nor a conversion.
  const clang::Stmt* meaningful_parent(const clang::Stmt* statement) const;
  bool is_inside(const clang::Stmt* inner, const clang::Stmt* outer) const;
  // `earlier` is executed whenever `later` is, and before it.
  bool dominates(const clang::Stmt* earlier, const clang::Stmt* later) const;
  // `later` can be executed after `earlier`, in the same call.
  bool reaches(const clang::Stmt* earlier, const clang::Stmt* later) const;
  const clang::CFG* graph() const { return graph_.get(); }

 private:
  std::optional<std::pair<unsigned, unsigned>> position(const clang::Stmt* statement) const;
  void collect(const clang::Stmt* statement, const clang::Stmt* above);

  llvm::DenseMap<const clang::Stmt*, const clang::Stmt*> parents_;
  std::unique_ptr<clang::CFG> graph_;
  mutable std::unique_ptr<clang::CFGDomTree> dominators_;
  llvm::DenseMap<const clang::Stmt*, std::pair<unsigned, unsigned>> positions_;  // block, index
  std::vector<const clang::CFGBlock*> blocks_;
};

}  // namespace khover::c
