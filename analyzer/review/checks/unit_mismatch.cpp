// docs/review/unit-mismatch.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// The name of the variable or member that a value is, with nothing computed.
std::string plain_name(const clang::Expr* value) {
  const clang::Expr* core = value->IgnoreParenCasts();
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(core))
    return reference->getDecl()->getNameAsString();
  if (const auto* member = dyn_cast<clang::MemberExpr>(core))
    return member->getMemberDecl()->getNameAsString();
  return "";
}

void run(const Unit& unit, Reporter& reporter) {
  const auto differ = [&](const std::string& from, const std::string& to) -> const char* {
    if (unit.table.is_member("frame", from) && unit.table.is_member("physical", to)) {
      return "a page frame number is used where an address is expected";
    }
    if (unit.table.is_member("physical", from) && unit.table.is_member("frame", to)) {
      return "an address is used where a page frame number is expected";
    }
    return nullptr;
  };
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      if (const auto* call = dyn_cast<clang::CallExpr>(statement)) {
        const clang::FunctionDecl* target = call->getDirectCallee();
        for (unsigned i = 0; target != nullptr && i < call->getNumArgs() && i < target->getNumParams(); ++i) {
          const std::string from = plain_name(call->getArg(i));
          const char* how = differ(from, target->getParamDecl(i)->getNameAsString());
          if (how == nullptr) continue;
          reporter.at(*one, call->getArg(i), fmt::format("{} {}", target->getNameAsString(), from),
                      fmt::format("{}: '{}' as '{}' of '{}()'", how, from,
                                  target->getParamDecl(i)->getNameAsString(), target->getNameAsString()));
        }
      } else if (const auto* assignment = dyn_cast<clang::BinaryOperator>(statement)) {
        if (assignment->getOpcode() != clang::BO_Assign) continue;
        const std::string from = plain_name(assignment->getRHS());
        const std::string to = plain_name(assignment->getLHS());
        const char* how = differ(from, to);
        if (how == nullptr) continue;
        reporter.at(*one, assignment, fmt::format("{} {}", to, from),
                    fmt::format("{}: '{}' becomes '{}'", how, from, to));
      }
    }
  }
}

}  // namespace

const Check unit_mismatch_check = {"unit-mismatch",
                                   "a page frame number is used as an address, or the reverse", "0.1",
                                   findings::Severity::error, run};

}  // namespace khover::review
