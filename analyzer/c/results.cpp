#include "c/results.h"

namespace khover::c {
namespace {

using clang::dyn_cast;
using clang::isa;

// The part of a condition that is true or false by this expression alone.
bool is_truth_of(const Function& in, const clang::Expr* expression) {
  const clang::Stmt* above = in.meaningful_parent(expression);
  if (const auto* unary = dyn_cast_or_null<clang::UnaryOperator>(above))
    return unary->getOpcode() == clang::UO_LNot;
  if (const auto* binary = dyn_cast_or_null<clang::BinaryOperator>(above)) return binary->isLogicalOp();
  const clang::Expr* condition = nullptr;
  if (const auto* one = dyn_cast_or_null<clang::IfStmt>(above)) condition = one->getCond();
  if (const auto* one = dyn_cast_or_null<clang::WhileStmt>(above)) condition = one->getCond();
  if (const auto* one = dyn_cast_or_null<clang::ForStmt>(above)) condition = one->getCond();
  if (const auto* one = dyn_cast_or_null<clang::ConditionalOperator>(above)) condition = one->getCond();
  return condition != nullptr && in.is_inside(expression, condition);
}

// A call that is a statement of its own: its result is lost, unless that is said. `above` encloses it.
void find_discarded(const Function& in, const clang::Stmt* above, ResultUse& result) {
  result.discarded = true;
  for (const clang::Stmt* one = in.parent(result.call); one != above && one != nullptr;
       one = in.parent(one)) {
    const auto* cast = dyn_cast<clang::CStyleCastExpr>(one);
    if (cast != nullptr && cast->getType()->isVoidType()) result.discarded = false;  // on purpose
  }
  const auto* block = dyn_cast_or_null<clang::CompoundStmt>(above);
  if (block != nullptr && !block->body_empty() && in.is_inside(result.call, block->body_back()) &&
      isa_and_nonnull<clang::StmtExpr>(in.parent(block))) {
    result.discarded = false;  // the value of a statement expression
    result.kept_elsewhere = true;
  }
}

bool is_statement(const Function& in, const clang::CallExpr* call, const clang::Stmt* above) {
  if (above == nullptr || isa<clang::CompoundStmt>(above) || isa<clang::LabelStmt>(above) ||
      isa<clang::CaseStmt>(above))
    return true;
  const auto* branch = dyn_cast<clang::IfStmt>(above);
  return branch != nullptr && !in.is_inside(call, branch->getCond());
}

// Where the result goes.
void find_keeper(const Unit& unit, const Function& in, ResultUse& result) {
  const clang::Stmt* above = in.meaningful_parent(result.call);
  if (const auto* binary = dyn_cast_or_null<clang::BinaryOperator>(above);
      binary != nullptr && binary->getOpcode() == clang::BO_Assign &&
      in.is_inside(result.call, binary->getRHS())) {
    result.variable = variable_of(binary->getLHS());
    result.kept_elsewhere = result.variable == nullptr;
  } else if (const auto* declaration = dyn_cast_or_null<clang::DeclStmt>(above)) {
    for (const clang::Decl* part : declaration->decls()) {
      const auto* variable = dyn_cast<clang::VarDecl>(part);
      if (variable != nullptr && variable->getInit() != nullptr &&
          in.is_inside(result.call, variable->getInit()))
        result.variable = variable;
    }
  } else if (is_statement(in, result.call, above)) {
    find_discarded(in, above, result);
  } else {
    result.kept_elsewhere = true;
    if (is_truth_of(in, result.call)) result.null_test = result.call;
    if (above != nullptr && asked_for_error(unit, above) != nullptr) result.error_tested = true;
  }
}

// One mention of the variable after the call: a test, or a use.
void add_mention(const Unit& unit, const Function& in, const clang::DeclRefExpr* reference,
                 ResultUse& result) {
  const clang::Stmt* user = in.meaningful_parent(reference);
  const auto* binary = dyn_cast_or_null<clang::BinaryOperator>(user);
  if (binary != nullptr && binary->getOpcode() == clang::BO_Assign &&
      variable_of(binary->getLHS()) == result.variable && in.is_inside(reference, binary->getLHS()))
    return;
  if (binary != nullptr && binary->isComparisonOp()) {
    const bool with_zero = is_zero(binary->getLHS(), unit.context) || is_zero(binary->getRHS(), unit.context);
    if (with_zero && result.null_test == nullptr) result.null_test = binary;
    return;
  }
  if (is_truth_of(in, reference)) {
    if (result.null_test == nullptr)
      result.null_test = user != nullptr && isa<clang::UnaryOperator>(user) ? user : reference;
    return;
  }
  if (user != nullptr && asked_for_error(unit, user) != nullptr) return;
  if (isa_and_nonnull<clang::ReturnStmt>(user)) {
    result.kept_elsewhere = true;
  } else if (result.first_use == nullptr) {
    result.first_use = reference;
  }
}

void find_uses(const Unit& unit, const Function& in, ResultUse& result) {
  for (const clang::Stmt* statement : in.statements) {
    const clang::Expr* asked = asked_for_error(unit, statement);
    if (asked != nullptr && variable_of(asked) == result.variable) {
      result.error_tested = true;
      const std::string name = unit.callee(llvm::cast<clang::CallExpr>(statement));
      if (result.error_test == nullptr && unit.table.error_questions.contains(name))
        result.error_test = statement;
    }
    const auto* reference = dyn_cast<clang::DeclRefExpr>(statement);
    if (reference != nullptr && reference->getDecl() == result.variable && in.reaches(result.call, reference))
      add_mention(unit, in, reference, result);
  }
}

std::vector<ResultUse> find_results(const Unit& unit, const Function& in) {
  std::vector<ResultUse> results;
  for (const clang::CallExpr* call : in.calls) {
    const Api* api = unit.api(call);
    if (api == nullptr || api->failure == Failure::none) continue;
    ResultUse result;
    result.call = call;
    result.api = api;
    find_keeper(unit, in, result);
    if (result.variable != nullptr) find_uses(unit, in, result);
    results.push_back(result);
  }
  return results;
}

}  // namespace

const clang::Expr* asked_for_error(const Unit& unit, const clang::Stmt* statement) {
  const auto* call = dyn_cast<clang::CallExpr>(statement);
  if (call == nullptr || call->getNumArgs() != 1) return nullptr;
  const std::string name = unit.callee(call);
  return unit.table.error_questions.contains(name) || unit.table.error_values.contains(name) ? call->getArg(0)
                                                                                             : nullptr;
}

const std::vector<ResultUse>& results_of(const Unit& unit, const Function& in) {
  return in.facts.get<std::vector<ResultUse>>([&] { return find_results(unit, in); });
}

}  // namespace khover::c
