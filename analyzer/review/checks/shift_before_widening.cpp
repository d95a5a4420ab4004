// docs/review/shift-before-widening.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// The variables and members that decide how far is shifted have a limit before that.
bool is_limited(const Unit& unit, const Function& in, const clang::BinaryOperator* shift) {
  const clang::Expr* amount = shift->getRHS();
  const Fields fields = unit.fields(amount, in);
  for (const clang::FieldDecl* field : fields) {
    if (unit.is_tested(field, shift, in, true)) return true;
  }
  // "order <= MAX" on a variable that is no member of an image.
  std::vector<const clang::Stmt*> open = {amount};
  std::set<const clang::ValueDecl*> names;
  while (!open.empty()) {
    const clang::Stmt* part = open.back();
    open.pop_back();
    if (part == nullptr) continue;
    if (const auto* reference = dyn_cast<clang::DeclRefExpr>(part)) names.insert(reference->getDecl());
    if (const auto* member = dyn_cast<clang::MemberExpr>(part)) names.insert(member->getMemberDecl());
    open.insert(open.end(), part->child_begin(), part->child_end());
  }
  for (const clang::Stmt* statement : in.statements) {
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isComparisonOp() || !in.dominates(binary, shift)) continue;
    for (const auto& [side, other] :
         {std::pair(binary->getLHS(), binary->getRHS()), std::pair(binary->getRHS(), binary->getLHS())}) {
      const auto limit = constant_of(other, unit.context);
      if (!limit || *limit < 1 || *limit > 64) continue;
      const clang::Expr* core = bare(side);
      if (const auto* reference = dyn_cast<clang::DeclRefExpr>(core);
          reference != nullptr && names.contains(reference->getDecl())) {
        return true;
      }
      if (const auto* member = dyn_cast<clang::MemberExpr>(core);
          member != nullptr && names.contains(member->getMemberDecl())) {
        return true;
      }
    }
  }
  return false;
}

// The conversion to a wider type that the shift, or a sum it is part of, ends in.
const clang::CastExpr* widening(const Unit& unit, const Function& in, const clang::BinaryOperator* shift) {
  const uint64_t width = unit.context.getTypeSize(shift->getType());
  for (const clang::Stmt* above = in.parent(shift); above != nullptr; above = in.parent(above)) {
    if (const auto* cast = dyn_cast<clang::CastExpr>(above)) {
      if (!cast->getType()->isIntegerType()) return nullptr;
      if (cast->getCastKind() == clang::CK_IntegralCast &&
          unit.context.getTypeSize(cast->getType()) > width) {
        return cast;
      }
      continue;
    }
    if (const auto* binary = dyn_cast<clang::BinaryOperator>(above)) {
      const bool keeps = binary->getOpcode() == clang::BO_Or || binary->isAdditiveOp();
      if (!keeps || unit.context.getTypeSize(binary->getType()) > width) return nullptr;
      continue;
    }
    if (!llvm::isa<clang::ParenExpr>(above)) return nullptr;
  }
  return nullptr;
}

// A plain "1 << order" counts pages: 2^31 of them are no order that there is. It is another thing for bytes
// ("order + PAGE_SHIFT"), and for a number that was stored elsewhere.
bool reaches_far(const Function& in, const clang::BinaryOperator* shift) {
  const clang::Expr* amount = bare(shift->getRHS());
  if (const auto* sum = dyn_cast<clang::BinaryOperator>(amount)) return sum->getOpcode() == clang::BO_Add;
  return in.kernel == Kernel::incoming && llvm::isa<clang::MemberExpr>(amount);
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    for (const clang::Stmt* statement : one->statements) {
      const auto* shift = dyn_cast<clang::BinaryOperator>(statement);
      if (shift == nullptr || shift->getOpcode() != clang::BO_Shl) continue;
      if (unit.context.getTypeSize(shift->getType()) != 32 || constant_of(shift, unit.context)) continue;
      // Macros of the kernel's headers are not what is under review.
      if (shift->getOperatorLoc().isMacroID()) continue;
      const bool amount_is_constant = constant_of(shift->getRHS(), unit.context).has_value();
      const Fields amount = unit.image_fields(shift->getRHS(), *one);
      const clang::CastExpr* wide = widening(unit, *one, shift);
      if (wide == nullptr && amount.empty()) continue;
      if (amount.empty() && !amount_is_constant && !reaches_far(*one, shift)) continue;
      if (!amount_is_constant && is_limited(unit, *one, shift)) continue;
      std::string message;
      if (!amount.empty()) {
        message = fmt::format(
            "'{}' shifts a 32-bit value by '{}', which is read from the image and not bounded: a shift by 32 "
            "or more is undefined, by 31 overflows an int",
            unit.text(shift), unit.name_of(*amount.begin()));
      } else {
        message = fmt::format("'{}' is computed in 32 bits and then widened to '{}': the upper bits are lost",
                              unit.text(shift), wide->getType().getAsString());
      }
      reporter.at(*one, shift, unit.text(shift), std::move(message));
    }
  }
}

}  // namespace

const Check shift_before_widening_check = {"shift-before-widening",
                                           "a 32-bit shift overflows before its result is widened", "0.1",
                                           findings::Severity::warning, run};

}  // namespace khover::review
