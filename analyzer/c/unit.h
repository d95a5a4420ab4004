// A parsed unit as the checks see it: functions, the kernel that each runs in, and which values come from
// an image. Everything about names is from the table.
#pragma once

#include <clang/AST/ASTContext.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "c/function.h"
#include "c/parse.h"
#include "c/table.h"
#include "extract/header_names.h"
#include "findings/finding.h"

namespace khover::c {

// Without parentheses, conversions and what macros wrap around.
const clang::Expr* bare(const clang::Expr* expression);
// The variable that an expression is, or nothing.
const clang::VarDecl* variable_of(const clang::Expr* expression);
// The member that an expression is, an element of an array member included.
const clang::FieldDecl* member_of(const clang::Expr* expression);
bool is_zero(const clang::Expr* expression, const clang::ASTContext& context);
std::optional<__int128> constant_of(const clang::Expr* expression, const clang::ASTContext& context);
const clang::RecordDecl* pointed_record(clang::QualType type);

class Unit {
 public:
  // `reviewed`: files, as the tree names them, whose functions are looked at. `errors`: of the parser; a
  // function with one in it is left out, and what other functions do is judged without it.
  Unit(clang::ASTContext& context, const Table& table, const extract::HeaderNames& names,
       const std::set<std::string>& reviewed, const std::vector<SyntaxError>& errors);

  clang::ASTContext& context;
  const Table& table;
  std::vector<std::unique_ptr<Function>> functions;
  std::vector<findings::LeftOut> left_out;  // the errors in functions, and those outside of them

  const Function* function(const clang::FunctionDecl* declaration) const;
  const Api* api(const clang::CallExpr* call) const;
  // The argument that the table gives this role; null: there is none.
  const clang::Expr* argument(const clang::CallExpr* call, Role role) const;
  std::string callee(const clang::CallExpr* call) const;
  // Calls of a function of this unit.
  const std::vector<std::pair<const Function*, const clang::CallExpr*>>& calls_of(const Function& one) const;

  bool is_serialized(const clang::RecordDecl* record) const;
  bool is_serialized(const clang::FieldDecl* field) const;

  // Members of serialized records that the value is made of, whichever kernel runs.
  Fields fields(const clang::Expr* value, const Function& in) const;
  // The same, but only where the record was written by another kernel.
  Fields image_fields(const clang::Expr* value, const Function& in) const;
  // A test of the member is on every path to `use`, in this function or in all that call it.
  bool is_tested(const clang::FieldDecl* field, const clang::Stmt* use, const Function& in, bool bound,
                 unsigned depth = 0) const;
  // Members of serialized records that occur anywhere below.
  Fields mentioned(const clang::Stmt* below, const Function& in) const;

  std::string text(const clang::Stmt* statement) const;      // as written, on one line
  std::string name_of(const clang::FieldDecl* field) const;  // "parcel_ser.count"
  // The macro that `at` was written by, "" for none; the outermost.
  std::string macro_of(clang::SourceLocation at) const;
  std::set<std::string> macros_of(clang::SourceLocation at) const;  // all of them
  findings::Place place(clang::SourceRange range) const;
  std::string file_of(clang::SourceLocation at) const;

 private:
  // Errors that are inside of the function, or of what its syntax tree is made of: why it is left out; "" :
  // it is whole.
  std::string why_broken(const clang::FunctionDecl* definition, const std::vector<SyntaxError>& errors,
                         std::set<const SyntaxError*>& told) const;
  void find_kernels();
  void find_values(Function& one);
  void find_tests(Function& one);
  void add_test(Function& one, const clang::Expr* condition);

  const extract::HeaderNames& names_;
  std::map<const clang::FunctionDecl*, Function*> by_declaration_;
  std::map<const Function*, std::vector<std::pair<const Function*, const clang::CallExpr*>>> callers_;
  mutable std::map<const clang::RecordDecl*, bool> serialized_;
};

}  // namespace khover::c
