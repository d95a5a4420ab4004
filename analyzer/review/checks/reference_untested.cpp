// docs/review/reference-untested.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      const auto* step = dyn_cast<clang::UnaryOperator>(statement);
      if (step == nullptr || !step->isDecrementOp()) continue;
      const clang::FieldDecl* field = member_of(step->getSubExpr());
      if (!unit.is_serialized(field) || !unit.table.is_member("references", field->getName())) continue;
      if (!field->getType()->isUnsignedIntegerType() ||
          unit.is_tested(field->getCanonicalDecl(), step, *one, false))
        continue;
      // Taking back what this function took itself.
      bool mine = false;
      for (const clang::Stmt* other : one->statements) {
        const auto* up = dyn_cast<clang::UnaryOperator>(other);
        mine = mine || (up != nullptr && up->isIncrementOp() && member_of(up->getSubExpr()) == field);
      }
      if (mine) continue;
      reporter.at(
          *one, step, unit.name_of(field),
          fmt::format("'{}' is decremented without a zero check: refcount underflow", unit.name_of(field)));
    }
  }
}

}  // namespace

const Check reference_untested_check = {"reference-untested",
                                        "a reference count of a record is decremented without a zero check",
                                        "0.1", findings::Severity::warning, run};

}  // namespace khover::review
