// docs/review/count-kept-above.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// A loop that goes from an object to another through one of its own members: "node = node->parent".
const clang::VarDecl* climbs(const Unit& unit, const Function& in, const clang::Stmt* loop,
                             const clang::Stmt* step) {
  const std::set<const clang::ValueDecl*> names = named_inside(step);
  for (const Assigned& assigned : assignments_of(in)) {
    if (assigned.variable == nullptr || loop_around(unit, in, assigned.at) != loop ||
        !names.contains(assigned.variable) || !mentions(assigned.value, assigned.variable))
      continue;
    if (assigned.variable->getType()->isPointerType()) return assigned.variable;
  }
  return nullptr;
}

struct Step {
  const Function* in = nullptr;
  const clang::Stmt* at = nullptr;
};

void run(const Unit& unit, Reporter& reporter) {
  std::map<const clang::FieldDecl*, Step> up;
  std::map<const clang::FieldDecl*, std::vector<Step>> down;
  std::set<const clang::FieldDecl*> down_in_loops;
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      const auto* step = dyn_cast<clang::UnaryOperator>(statement);
      const clang::FieldDecl* field =
          step == nullptr || !step->isIncrementDecrementOp() ? nullptr : member_of(step->getSubExpr());
      if (!unit.is_serialized(field) || !unit.table.is_member("references", field->getName())) continue;
      const clang::Stmt* loop = loop_around(unit, *one, step);
      const bool climbing = loop != nullptr && climbs(unit, *one, loop, step) != nullptr;
      if (step->isIncrementOp() && climbing) up.try_emplace(field, Step{one.get(), step});
      if (step->isDecrementOp() && loop != nullptr) down_in_loops.insert(field);
      if (step->isDecrementOp() && loop == nullptr) down[field].push_back({one.get(), step});
    }
  }
  for (const auto& [field, taken] : up) {
    if (down_in_loops.contains(field)) continue;
    for (const Step& dropped : down[field]) {
      if (!unit.calls_of(*dropped.in).empty()) continue;  // its callers may go all the way
      findings::Finding& finding =
          reporter.at(*dropped.in, dropped.at, unit.name_of(field),
                      fmt::format("'{}' is decremented here only, but was incremented in all ancestors as "
                                  "well: their counts leak",
                                  unit.name_of(field)));
      reporter.note(finding, taken.at, "incremented along the path here");
    }
  }
}

}  // namespace

const Check count_kept_above_check = {
    "count-kept-above",
    "a count is incremented in an object and its ancestors and decremented in the object only", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
