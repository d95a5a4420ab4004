// docs/review/count-not-set.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// "incoming.count" of "&private->incoming.count": members from the last pointer on.
struct Counted {
  std::string path;
  const clang::FieldDecl* field = nullptr;
};

Counted counted(const clang::Expr* expression) {
  Counted found;
  const clang::Expr* one = bare(expression);
  if (const auto* unary = llvm::dyn_cast_or_null<clang::UnaryOperator>(one)) one = bare(unary->getSubExpr());
  while (const auto* member = llvm::dyn_cast_or_null<clang::MemberExpr>(one)) {
    if (found.field == nullptr) found.field = dyn_cast<clang::FieldDecl>(member->getMemberDecl());
    found.path = member->getMemberDecl()->getNameAsString() + (found.path.empty() ? "" : ".") + found.path;
    if (member->isArrow()) break;
    one = bare(member->getBase());
  }
  return found;
}

bool counts(const Unit& unit, const clang::FieldDecl* field) {
  return unit.table.is_member("references", field->getName()) ||
         unit.table.is_member("count", field->getName());
}

struct Place {
  const Function* in = nullptr;
  const clang::Stmt* at = nullptr;
  const clang::FieldDecl* field = nullptr;
  bool of_image = false;
};

// A condition before it asks about the structure that the count is in.
bool is_asked(const Place& drop) {
  for (const clang::Stmt* statement : drop.in->statements) {
    const clang::Expr* condition = condition_of(statement);
    if (condition == nullptr || drop.in->is_inside(drop.at, condition) ||
        !drop.in->dominates(condition, drop.at))
      continue;
    for (const clang::ValueDecl* name : named_inside(condition)) {
      const auto* field = dyn_cast<clang::FieldDecl>(name);
      if (field != nullptr && field->getParent() == drop.field->getParent()) return true;
    }
  }
  return false;
}

void run(const Unit& unit, Reporter& reporter) {
  std::map<std::string, std::vector<Place>> sets, drops;
  for (const auto& one : unit.functions) {
    for (const Assigned& assigned : assignments_of(*one)) {
      const Counted to = assigned.left == nullptr ? Counted() : counted(assigned.left);
      if (to.field == nullptr || unit.is_serialized(to.field) || !counts(unit, to.field)) continue;
      sets[to.path].push_back(
          {one.get(), assigned.at, to.field, !unit.image_fields(assigned.value, *one).empty()});
    }
    for (const clang::CallExpr* call : one->calls) {
      const auto add = [&](Role role, auto& list) {
        const clang::Expr* argument = unit.argument(call, role);
        if (argument == nullptr) return;
        const Counted to = counted(argument);
        if (to.field == nullptr) return;
        const bool of_image = call->getNumArgs() == 2 && !unit.image_fields(call->getArg(1), *one).empty();
        list[to.path].push_back({one.get(), call, to.field, of_image});
      };
      add(Role::sets_count, sets);
      add(Role::drops_count, drops);
    }
    for (const clang::Stmt* statement : one->statements) {
      const auto* step = dyn_cast<clang::UnaryOperator>(statement);
      if (step == nullptr || !step->isDecrementOp()) continue;
      const Counted to = counted(step->getSubExpr());
      if (to.field != nullptr && !unit.is_serialized(to.field) && counts(unit, to.field))
        drops[to.path].push_back({one.get(), step, to.field, false});
    }
  }
  for (const auto& [path, places] : sets) {
    const bool only_of_image =
        std::all_of(places.begin(), places.end(), [](const Place& one) { return one.of_image; });
    if (!only_of_image) continue;
    for (const Place& drop : drops[path]) {
      if (drop.in == places.front().in || drop.field != places.front().field || is_asked(drop)) continue;
      findings::Finding& finding =
          reporter.at(*drop.in, drop.at, path,
                      fmt::format("'{}' is decremented here without a check that it was set: only reading "
                                  "the image sets it, so it may underflow",
                                  path));
      reporter.note(finding, places.front().at, "set here");
    }
  }
}

}  // namespace

const Check count_not_set_check = {
    "count-not-set",
    "a count that only reading the image sets is decremented without a check that it was set",
    "0.1",
    findings::Severity::warning,
    run,
    Sees::file};

}  // namespace khover::review
