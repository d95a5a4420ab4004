// docs/review/property-alignment.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

using clang::dyn_cast;

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    std::map<const clang::VarDecl*, const clang::CallExpr*> properties;
    const auto learn = [&](const clang::VarDecl* variable, const clang::Expr* value) {
      const auto* call = value == nullptr ? nullptr : dyn_cast_or_null<clang::CallExpr>(bare(value));
      const Api* api = call == nullptr ? nullptr : unit.api(call);
      if (variable != nullptr && api != nullptr && api->is(Trait::property)) properties[variable] = call;
    };
    for (const clang::Stmt* statement : one->statements) {
      if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
        for (const clang::Decl* part : declaration->decls()) {
          if (const auto* variable = dyn_cast<clang::VarDecl>(part)) learn(variable, variable->getInit());
        }
      } else if (const auto* assignment = dyn_cast<clang::BinaryOperator>(statement)) {
        if (assignment->getOpcode() == clang::BO_Assign)
          learn(variable_of(assignment->getLHS()), assignment->getRHS());
      }
    }
    std::set<const clang::CallExpr*> done;
    for (const clang::Stmt* statement : one->statements) {
      const clang::Expr* read = nullptr;
      const clang::VarDecl* variable = nullptr;
      if (const auto* deref = dyn_cast<clang::UnaryOperator>(statement)) {
        if (deref->getOpcode() != clang::UO_Deref) continue;
        read = deref;
        variable = variable_of(deref->getSubExpr());
      } else if (const auto* element = dyn_cast<clang::ArraySubscriptExpr>(statement)) {
        read = element;
        variable = variable_of(element->getBase());
      }
      const auto source = properties.find(variable);
      if (variable == nullptr || source == properties.end()) continue;
      const clang::QualType type = variable->getType()->getPointeeType();
      if (type.isNull() || type->isIncompleteType() ||
          unit.context.getTypeAlignInChars(type).getQuantity() < 8)
        continue;
      // sizeof(*p) reads nothing.
      if (llvm::isa_and_nonnull<clang::UnaryExprOrTypeTraitExpr>(one->meaningful_parent(read))) continue;
      if (!one->reaches(source->second, read) || !done.insert(source->second).second) continue;
      findings::Finding& finding = reporter.at(
          *one, read, variable->getNameAsString(),
          fmt::format("'{}' points into a device tree, where values are aligned to 4 bytes: an access of {} "
                      "is unaligned and may fault",
                      variable->getNameAsString(), unit.context.getTypeSizeInChars(type).getQuantity()));
      reporter.note(finding, source->second, "the property is from here; read it with get_unaligned()");
    }
  }
}

}  // namespace

const Check property_alignment_check = {"property-alignment",
                                        "a property of a device tree is read with an unaligned access", "0.1",
                                        findings::Severity::note, run};

}  // namespace khover::review
