// docs/review/address-untested.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// "phys_to_virt(x)" as a call, or as a macro of that name: what x is.
const clang::Expr* converted_address(const Unit& unit, const clang::Stmt* statement) {
  if (const auto* call = dyn_cast<clang::CallExpr>(statement)) return unit.argument(call, Role::address);
  // __va(x) is ((void *)((unsigned long)(x) + OFFSET)).
  const auto* cast = dyn_cast<clang::CStyleCastExpr>(statement);
  if (cast == nullptr || !cast->getType()->isVoidPointerType() || !cast->getBeginLoc().isMacroID())
    return nullptr;
  const std::set<std::string> macros = unit.macros_of(cast->getBeginLoc());
  bool known = false;
  for (const std::string& macro : macros) {
    const Api* api = unit.table.function(macro);
    known = known || (api != nullptr && api->has(Role::address));
  }
  if (!known) return nullptr;
  const auto* sum = dyn_cast_or_null<clang::BinaryOperator>(bare(cast->getSubExpr()));
  return sum != nullptr && sum->getOpcode() == clang::BO_Add ? sum->getLHS() : nullptr;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming) continue;
    for (const clang::Stmt* statement : one->statements) {
      const clang::Expr* address = converted_address(unit, statement);
      if (address == nullptr) continue;
      for (const clang::FieldDecl* field : unit.image_fields(address, *one)) {
        if (unit.is_tested(field, statement, *one, false)) continue;
        reporter.at(*one, statement, unit.name_of(field),
                    fmt::format("'{}', read from the image, is converted to a pointer without a zero check: "
                                "address 0 yields a valid pointer to the first page of memory",
                                unit.name_of(field)));
      }
    }
  }
}

}  // namespace

const Check address_untested_check = {
    "address-untested", "a value read from the image is converted to a pointer without a zero check", "0.1",
    findings::Severity::error, run};

}  // namespace khover::review
