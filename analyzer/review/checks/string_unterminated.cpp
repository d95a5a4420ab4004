// docs/review/string-unterminated.md
#include <clang/AST/Attr.h>
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

// Array of characters in a record.
const clang::FieldDecl* text_member(const Unit& unit, const clang::Expr* argument) {
  const clang::FieldDecl* field = member_of(argument);
  if (field == nullptr || !unit.is_serialized(field) || !field->getType()->isConstantArrayType())
    return nullptr;
  const clang::QualType element = unit.context.getBaseElementType(field->getType());
  return element->isAnyCharacterType() ? field : nullptr;
}

// A length was asked for, or the last byte was looked at or written, before.
bool end_is_known(const Unit& unit, const Function& in, const clang::FieldDecl* field,
                  const clang::CallExpr* use) {
  for (const clang::CallExpr* call : in.calls) {
    const clang::Expr* argument = unit.argument(call, Role::bounds_string);
    if (argument == nullptr) continue;
    if (member_of(argument) == field && in.dominates(call, use)) return true;
  }
  for (const clang::Stmt* statement : in.statements) {
    const auto* element = dyn_cast<clang::ArraySubscriptExpr>(statement);
    if (element == nullptr || member_of(element->getBase()) != field || !in.dominates(element, use)) continue;
    if (constant_of(element->getIdx(), unit.context).value_or(0) != 0) return true;
  }
  return false;
}

// Arguments that a printf format reads up to a NUL: "%s" without a precision.
std::vector<unsigned> printed_strings(const clang::CallExpr* call) {
  std::vector<unsigned> arguments;
  const clang::FunctionDecl* target = call->getDirectCallee();
  const auto* attribute = target == nullptr ? nullptr : target->getAttr<clang::FormatAttr>();
  if (attribute == nullptr || attribute->getFormatIdx() < 1 ||
      static_cast<unsigned>(attribute->getFormatIdx()) > call->getNumArgs()) {
    return arguments;
  }
  const auto* literal = dyn_cast<clang::StringLiteral>(
      call->getArg(static_cast<unsigned>(attribute->getFormatIdx()) - 1)->IgnoreParenImpCasts());
  if (literal == nullptr || attribute->getFirstArg() < 1 || literal->getCharByteWidth() != 1)
    return arguments;
  const std::string format = literal->getString().str();
  unsigned argument = static_cast<unsigned>(attribute->getFirstArg()) - 1;
  for (size_t i = 0; i + 1 < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (format[++i] == '%') continue;
    bool precision = false;
    for (; i < format.size() &&
           std::string_view("-+ #0123456789.*hlzjtL").find(format[i]) != std::string_view::npos;
         ++i) {
      if (format[i] == '.') precision = true;
      if (format[i] == '*') ++argument;
    }
    if (i < format.size() && format[i] == 's' && !precision) arguments.push_back(argument);
    ++argument;
  }
  return arguments;
}

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel == Kernel::outgoing) continue;  // it wrote the string itself
    for (const clang::CallExpr* call : one->calls) {
      const Api* api = unit.api(call);
      std::vector<unsigned> arguments = printed_strings(call);
      if (api != nullptr) arguments.insert(arguments.end(), api->strings.begin(), api->strings.end());
      for (const unsigned argument : arguments) {
        if (argument >= call->getNumArgs()) continue;
        const clang::FieldDecl* field = text_member(unit, call->getArg(argument));
        if (field == nullptr || end_is_known(unit, *one, field, call)) continue;
        reporter.at(
            *one, call->getArg(argument), unit.name_of(field) + " " + unit.callee(call),
            fmt::format(
                "'{}()' reads '{}' up to a NUL, but its {} bytes are not checked for one: out-of-bounds read",
                unit.callee(call), unit.name_of(field),
                unit.context.getTypeSizeInChars(field->getType()).getQuantity()));
      }
    }
  }
}

}  // namespace

const Check string_unterminated_check = {
    "string-unterminated", "a string of the image is read without a check that it is NUL-terminated", "0.1",
    findings::Severity::warning, run};

}  // namespace khover::review
