// docs/review/checked-late.md
#include <fmt/format.h>

#include "c/assignments.h"
#include "c/statements.h"
#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;
using clang::dyn_cast_or_null;

// "if (!is_alone(device)) return -EINVAL;": the return, where nothing else happens before it.
const clang::Stmt* bare_error_return(const Unit& unit, const clang::IfStmt* test) {
  const clang::Stmt* then = test->getThen();
  if (const auto* block = dyn_cast<clang::CompoundStmt>(then); block != nullptr && block->size() == 1)
    then = block->body_front();
  const auto* end = dyn_cast<clang::ReturnStmt>(then);
  if (end == nullptr || end->getRetValue() == nullptr) return nullptr;
  const auto value = constant_of(end->getRetValue(), unit.context);
  return value && *value < 0 ? end : nullptr;
}

// A condition that only asks a function about parameters: it could be anywhere.
bool asks_parameters_only(const clang::Expr* condition) {
  bool calls = false;
  for (const clang::Stmt* one : inside(condition)) {
    calls = calls || dyn_cast<clang::CallExpr>(one) != nullptr;
    const auto* reference = dyn_cast<clang::DeclRefExpr>(one);
    if (reference != nullptr && !llvm::isa<clang::ParmVarDecl>(reference->getDecl()) &&
        !llvm::isa<clang::FunctionDecl>(reference->getDecl()))
      return false;
  }
  return calls;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::outgoing) continue;
    const std::vector<Assigned>& assignments = assignments_of(*one);
    for (const Assigned& got : assignments) {
      // A record that a function of the subsystem gave.
      const auto* call = dyn_cast_or_null<clang::CallExpr>(bare(got.value));
      if (got.variable == nullptr || call == nullptr || call->getDirectCallee() == nullptr ||
          !unit.is_serialized(pointed_record(got.variable->getType())))
        continue;
      const clang::Stmt* written = nullptr;
      for (const Assigned& other : assignments) {
        if (other.left != nullptr && other.variable == nullptr && mentions(other.left, got.variable) &&
            unit.is_serialized(member_of(other.left)))
          written = written == nullptr ? other.at : written;
      }
      if (written == nullptr) continue;
      for (const clang::Stmt* statement : one->statements) {
        const auto* test = dyn_cast<clang::IfStmt>(statement);
        const clang::Stmt* end = test == nullptr ? nullptr : bare_error_return(unit, test);
        if (end == nullptr || !one->dominates(written, test->getCond()) ||
            !asks_parameters_only(test->getCond()))
          continue;
        findings::Finding& finding =
            reporter.at(*one, end, got.variable->getNameAsString(),
                        fmt::format("'{}' is already set up in the image, and this error return leaves it "
                                    "there: check before setting it up",
                                    got.variable->getNameAsString()));
        reporter.note(finding, written, "set up here");
        break;
      }
    }
  }
}

}  // namespace

const Check checked_late_check = {"checked-late",
                                  "a record is set up before a check that may refuse to preserve the object",
                                  "0.1", findings::Severity::warning, run};

}  // namespace khover::review
