// docs/review/index-unbounded.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// "… / sizeof(struct x)" in a limit: the record that it counts.
const clang::RecordDecl* counted_record(const clang::Expr* limit) {
  std::vector<const clang::Stmt*> open = {limit};
  while (!open.empty()) {
    const clang::Stmt* part = open.back();
    open.pop_back();
    if (part == nullptr) continue;
    const auto* division = dyn_cast<clang::BinaryOperator>(part);
    if (division != nullptr && division->getOpcode() == clang::BO_Div) {
      const auto* size = dyn_cast_or_null<clang::UnaryExprOrTypeTraitExpr>(bare(division->getRHS()));
      if (size != nullptr && size->getKind() == clang::UETT_SizeOf) {
        const auto* type = size->getTypeOfArgument()->getAs<clang::RecordType>();
        if (type != nullptr) return type->getDecl()->getDefinition();
      }
    }
    open.insert(open.end(), part->child_begin(), part->child_end());
  }
  return nullptr;
}

const clang::RecordDecl* element_record(const clang::ArraySubscriptExpr* element) {
  const auto* type = element->getType()->getAs<clang::RecordType>();
  return type == nullptr ? nullptr : type->getDecl()->getDefinition();
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      const auto* element = dyn_cast<clang::ArraySubscriptExpr>(statement);
      if (element == nullptr) continue;
      const auto* base = dyn_cast_or_null<clang::MemberExpr>(bare(element->getBase()));
      const clang::FieldDecl* field =
          base == nullptr ? nullptr : dyn_cast<clang::FieldDecl>(base->getMemberDecl());
      if (!unit.is_serialized(field) || !field->getType()->isArrayType()) continue;
      const clang::VarDecl* index = variable_of(element->getIdx());
      if (index == nullptr || !index->getType()->isIntegerType()) continue;
      bool limited = false;
      for (const clang::Stmt* other : one->statements) {
        const auto* comparison = dyn_cast<clang::BinaryOperator>(other);
        if (comparison == nullptr || !comparison->isComparisonOp()) continue;
        const bool left = variable_of(comparison->getLHS()) == index;
        if (!left && variable_of(comparison->getRHS()) != index) continue;
        const clang::Expr* limit = left ? comparison->getRHS() : comparison->getLHS();
        limited = limited || !is_zero(limit, unit.context);
        const clang::RecordDecl* counted = counted_record(limit);
        const clang::RecordDecl* element_type = element_record(element);
        if (counted != nullptr && element_type != nullptr && counted != element_type &&
            unit.is_serialized(counted)) {
          findings::Finding& finding = reporter.at(
              *one, comparison, unit.name_of(field),
              fmt::format(
                  "the index of '{}' is bounded by the number of '{}' that fit, but its elements are '{}'",
                  unit.name_of(field), counted->getNameAsString(), element_type->getNameAsString()));
          reporter.note(finding, element, "used here");
        }
      }
      const auto* array = unit.context.getAsConstantArrayType(field->getType());
      if (array == nullptr || limited || !one->counters.contains(index)) continue;
      if (element->getIdx()->getBeginLoc().isMacroID()) continue;
      reporter.at(*one, element, unit.name_of(field),
                  fmt::format("'{}' has {} elements, but '{}' is not bounded by that: out-of-bounds access "
                              "when the array is full",
                              unit.name_of(field), array->getZExtSize(), index->getNameAsString()));
    }
  }
}

}  // namespace

const Check index_unbounded_check = {
    "index-unbounded",
    "an array of a record is indexed without a bounds check, or with the bound of another array", "0.1",
    findings::Severity::error, run};

}  // namespace khover::review
