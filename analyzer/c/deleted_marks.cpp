#include "c/deleted_marks.h"

namespace khover::c {

using clang::dyn_cast;
using clang::dyn_cast_or_null;

// The member of a record, or of a record in it, that says that it is gone.
bool has_mark(const Unit& unit, const clang::RecordDecl* record, unsigned depth) {
  for (const clang::FieldDecl* field : record->fields()) {
    if (unit.table.is_member("deleted", field->getName())) return true;
    const auto* inner = field->getType()->getAs<clang::RecordType>();
    if (inner != nullptr && depth < 4 && inner->getDecl()->getDefinition() != nullptr &&
        has_mark(unit, inner->getDecl()->getDefinition(), depth + 1)) {
      return true;
    }
  }
  return false;
}

namespace {

// The variable that "x->obj.deleted" belongs to.
const clang::VarDecl* owner(const clang::Expr* expression) {
  expression = bare(expression);
  while (expression != nullptr) {
    if (const auto* member = dyn_cast<clang::MemberExpr>(expression)) {
      expression = bare(member->getBase());
    } else if (const auto* element = dyn_cast<clang::ArraySubscriptExpr>(expression)) {
      expression = bare(element->getBase());
    } else {
      return variable_of(expression);
    }
  }
  return nullptr;
}

Marks find_marks(const Unit& unit, const Function& in) {
  Marks marks;
  for (const clang::Stmt* statement : in.statements) {
    const auto* assignment = dyn_cast<clang::BinaryOperator>(statement);
    if (assignment == nullptr || !assignment->isAssignmentOp()) continue;
    const auto* member = dyn_cast_or_null<clang::MemberExpr>(bare(assignment->getLHS()));
    if (member == nullptr) continue;
    const auto* field = dyn_cast<clang::FieldDecl>(member->getMemberDecl());
    bool mark = field != nullptr && unit.table.is_member("deleted", field->getName());
    if (!mark && field != nullptr && unit.is_serialized(field)) {
      // flags |= X_DELETED
      for (const std::string& macro : unit.macros_of(assignment->getRHS()->getBeginLoc())) {
        mark = mark || unit.table.is_member("deleted-flag", macro);
      }
    }
    if (!mark) continue;
    marks.variables.insert(owner(member));
    if (constant_of(assignment->getRHS(), unit.context) != 0)
      marks.set.emplace_back(assignment, owner(member));
  }
  return marks;
}

}  // namespace

const Marks& marks_of(const Unit& unit, const Function& in) {
  return in.facts.get<Marks>([&] { return find_marks(unit, in); });
}

}  // namespace khover::c
