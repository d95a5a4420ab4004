// docs/review/count-unchecked.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// What indexes memory inside of a loop, by the loop's variable.
const clang::ArraySubscriptExpr* indexed_by(const Function& in, const clang::Stmt* loop,
                                            const clang::VarDecl* counter) {
  for (const clang::Stmt* statement : in.statements) {
    const auto* element = dyn_cast<clang::ArraySubscriptExpr>(statement);
    if (element == nullptr || !in.is_inside(element, loop)) continue;
    if (variable_of(element->getIdx()) == counter) return element;
  }
  return nullptr;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming) continue;
    for (const clang::Stmt* statement : one->statements) {
      const auto* loop = dyn_cast<clang::ForStmt>(statement);
      if (loop == nullptr || loop->getCond() == nullptr) continue;
      const auto* condition = dyn_cast_or_null<clang::BinaryOperator>(bare(loop->getCond()));
      if (condition == nullptr || !condition->isRelationalOp()) continue;
      const clang::VarDecl* counter = variable_of(condition->getLHS());
      if (counter == nullptr || !one->counters.contains(counter)) continue;
      const clang::ArraySubscriptExpr* element = indexed_by(*one, loop, counter);
      if (element == nullptr) continue;
      for (const clang::FieldDecl* field : unit.image_fields(condition->getRHS(), *one)) {
        if (unit.is_tested(field, loop, *one, true)) continue;
        findings::Finding& finding =
            reporter.at(*one, condition, unit.name_of(field),
                        fmt::format("'{}', read from the image, is the only limit of this loop over '{}': a "
                                    "larger value is an out-of-bounds access",
                                    unit.name_of(field), unit.text(element->getBase())));
        reporter.note(finding, element, "read here");
        break;
      }
    }
  }
}

}  // namespace

const Check count_unchecked_check = {
    "count-unchecked", "a count read from the image bounds a loop over an array without being checked itself",
    "0.1", findings::Severity::warning, run};

}  // namespace khover::review
