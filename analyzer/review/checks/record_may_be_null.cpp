// docs/review/record-may-be-null.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;
using clang::dyn_cast_or_null;

// "iommu->preserved": the member of a running kernel's structure that points to a record.
struct Link {
  const clang::FieldDecl* field = nullptr;  // null: none
  const clang::VarDecl* object = nullptr;   // whose member it is, where that is one global object
  bool operator==(const Link&) const = default;
};

// The global object that a pointer always points to, or that is named itself.
const clang::VarDecl* object_of(const Function& in, const clang::Expr* base) {
  const clang::VarDecl* variable = variable_of(base);
  if (variable == nullptr || variable->hasGlobalStorage()) return variable;
  const auto* address =
      dyn_cast_or_null<clang::UnaryOperator>(bare(only_value(assignments_of(in), variable)));
  if (address == nullptr || address->getOpcode() != clang::UO_AddrOf) return nullptr;
  const clang::VarDecl* target = variable_of(address->getSubExpr());
  return target != nullptr && target->hasGlobalStorage() ? target : nullptr;
}

Link link_member(const Unit& unit, const Function& in, const clang::Expr* expression) {
  const auto* member = dyn_cast_or_null<clang::MemberExpr>(bare(expression));
  const auto* field = member == nullptr ? nullptr : dyn_cast<clang::FieldDecl>(member->getMemberDecl());
  if (field == nullptr || unit.is_serialized(field) || !unit.is_serialized(pointed_record(field->getType())))
    return {};
  return {field, object_of(in, member->getBase())};
}

bool may_be_same(const Link& one, const Link& other) {
  return one.field == other.field &&
         (one.object == nullptr || other.object == nullptr || one.object == other.object);
}

bool is_null_test(const Unit& unit, const Function& in, const clang::Expr* expression) {
  const clang::Stmt* above = in.meaningful_parent(expression);
  if (const auto* unary = dyn_cast_or_null<clang::UnaryOperator>(above))
    return unary->getOpcode() == clang::UO_LNot;
  if (const auto* binary = dyn_cast_or_null<clang::BinaryOperator>(above)) {
    return binary->isLogicalOp() || (binary->isEqualityOp() && (is_zero(binary->getLHS(), unit.context) ||
                                                                is_zero(binary->getRHS(), unit.context)));
  }
  if (const auto* branch = dyn_cast_or_null<clang::IfStmt>(above))
    return in.is_inside(expression, branch->getCond());
  if (const auto* choice = dyn_cast_or_null<clang::ConditionalOperator>(above)) {
    return in.is_inside(expression, choice->getCond());
  }
  return false;
}

// "if (done) return 0; done = true;" before it: the statement is executed once.
bool is_run_once(const Unit& unit, const Function& in, const clang::Stmt* statement) {
  for (const Assigned& assigned : assignments_of(in)) {
    const clang::VarDecl* flag = assigned.variable;
    if (flag == nullptr || assigned.left == nullptr || !flag->hasGlobalStorage() ||
        is_zero(assigned.value, unit.context) || !in.dominates(assigned.at, statement))
      continue;
    for (const clang::Stmt* other : in.statements) {
      const auto* branch = dyn_cast<clang::IfStmt>(other);
      if (branch != nullptr && variable_of(branch->getCond()) == flag &&
          in.dominates(branch->getCond(), assigned.at))
        return true;
    }
  }
  return false;
}

// Where the unit itself sets such a member to NULL: it knows that there may be nothing.
struct Cleared {
  Link link;
  const Function* in = nullptr;
  const clang::Stmt* at = nullptr;
};

std::vector<Cleared> cleared_links(const Unit& unit) {
  std::vector<Cleared> found;
  for (const auto& one : unit.functions) {
    for (const Assigned& assigned : assignments_of(*one)) {
      if (assigned.left == nullptr || !is_zero(assigned.value, unit.context)) continue;
      const Link link = link_member(unit, *one, assigned.left);
      if (link.field != nullptr) found.push_back({link, one.get(), assigned.at});
    }
  }
  return found;
}

// One function: what its variables hold of such members, and where it tests or sets them.
class Links {
 public:
  Links(const Unit& unit, const Function& in) : unit_(unit), in_(in) {
    for (const Assigned& assigned : assignments_of(in)) {
      const Link from = link_member(unit, in, assigned.value);
      if (assigned.variable != nullptr && from.field != nullptr) copies_[assigned.variable] = from;
      const Link to = assigned.left == nullptr ? Link() : link_member(unit, in, assigned.left);
      // What the function has just set need not be tested.
      if (to.field != nullptr && !is_zero(assigned.value, unit.context)) known_.emplace_back(assigned.at, to);
    }
    for (const clang::Stmt* statement : in.statements) {
      const auto* expression = dyn_cast<clang::Expr>(statement);
      if (expression == nullptr ||
          (!llvm::isa<clang::MemberExpr>(expression) && !llvm::isa<clang::DeclRefExpr>(expression)))
        continue;
      const Link link = link_of(expression);
      if (link.field != nullptr && is_null_test(unit, in, expression)) known_.emplace_back(expression, link);
    }
  }

  Link link_of(const clang::Expr* expression) const {
    const Link link = link_member(unit_, in_, expression);
    if (link.field != nullptr) return link;
    const auto copy = copies_.find(variable_of(expression));
    return copy == copies_.end() ? Link() : copy->second;
  }

  bool is_known(const clang::FieldDecl* field, const clang::Stmt* at) const {
    return std::any_of(known_.begin(), known_.end(), [&](const auto& one) {
      return one.second.field == field && in_.dominates(one.first, at);
    });
  }

 private:
  const Unit& unit_;
  const Function& in_;
  std::map<const clang::VarDecl*, Link> copies_;
  std::vector<std::pair<const clang::Stmt*, Link>> known_;  // tests, and values that are set
};

// A helper whose only callers ask.
bool is_known_to_callers(const Unit& unit, const Function& in, const clang::FieldDecl* field) {
  const auto& callers = unit.calls_of(in);
  return !in.declaration->isExternallyVisible() && !callers.empty() &&
         std::all_of(callers.begin(), callers.end(),
                     [&](const auto& one) { return Links(unit, *one.first).is_known(field, one.second); });
}

void run(const Unit& unit, Reporter& reporter) {
  const std::vector<Cleared> cleared = cleared_links(unit);
  if (cleared.empty()) return;
  for (const auto& one : unit.functions) {
    const Links links(unit, *one);
    std::set<const clang::FieldDecl*> done;
    for (const clang::Stmt* statement : one->statements) {
      const auto* access = dyn_cast<clang::MemberExpr>(statement);
      if (access == nullptr || !access->isArrow()) continue;
      const Link link = links.link_of(access->getBase());
      if (link.field == nullptr || done.contains(link.field)) continue;
      const auto by = std::find_if(cleared.begin(), cleared.end(), [&](const Cleared& other) {
        // What is executed once comes before the member is cleared at its own end.
        const bool own_end =
            other.in == one.get() && !one->reaches(other.at, access) && is_run_once(unit, *one, access);
        return may_be_same(link, other.link) && !own_end;
      });
      if (by == cleared.end() || links.is_known(link.field, access) ||
          is_known_to_callers(unit, *one, link.field))
        continue;
      done.insert(link.field);
      findings::Finding& finding = reporter.at(
          *one, access, link.field->getNameAsString(),
          fmt::format("'{}' is dereferenced without a NULL check: it is NULL when nothing is preserved",
                      link.field->getNameAsString()));
      reporter.note(finding, by->at, "set to NULL here");
    }
  }
}

}  // namespace

const Check record_may_be_null_check = {
    "record-may-be-null", "the pointer to an object's preserved record is dereferenced without a NULL check",
    "0.1", findings::Severity::warning, run};

}  // namespace khover::review
