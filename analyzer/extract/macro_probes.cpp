#include "extract/macro_probes.h"

#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/Lex/MacroInfo.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "extract/real_path.h"
#include "extract/wide_integer.h"

namespace khover::extract {
namespace {

constexpr std::string_view prefix = "khover_probe_";
constexpr std::string_view page_size_probe = "khover_page_size";
// Of all bodies that one macro reaches. More is no constant that anybody wrote, and clang's parser
// recurses once per bracket or sign.
constexpr size_t max_tokens = 50000;
constexpr size_t max_brackets = 200;

// Every body that the macro can expand to closes the brackets that it opens, and no others; then
// the expansion does so, too, whatever the order.
class BracketCheck {
 public:
  explicit BracketCheck(clang::Preprocessor& preprocessor) : preprocessor_(preprocessor) {}

  bool balanced(const clang::MacroInfo* macro) {
    std::set<const clang::MacroInfo*> seen;
    std::vector<const clang::MacroInfo*> open = {macro};
    size_t tokens = 0;
    size_t depth = 0;
    while (!open.empty()) {
      const clang::MacroInfo* body = open.back();
      open.pop_back();
      if (!seen.insert(body).second) continue;
      tokens += body->getNumTokens();
      const std::optional<size_t> brackets = bracket_depth(body);
      if (!brackets) return false;
      depth += *brackets;
      if (tokens > max_tokens || depth > max_brackets) return false;
      for (const clang::Token& token : body->tokens()) {
        const clang::IdentifierInfo* name = token.getIdentifierInfo();
        if (name == nullptr) continue;
        if (const clang::MacroInfo* inner = preprocessor_.getMacroInfo(name)) open.push_back(inner);
      }
    }
    return true;
  }

 private:
  // nullopt: not balanced.
  static std::optional<size_t> bracket_depth(const clang::MacroInfo* body) {
    std::vector<clang::tok::TokenKind> closers;
    size_t deepest = 0;
    for (const clang::Token& token : body->tokens()) {
      switch (token.getKind()) {
        case clang::tok::l_paren:
          closers.push_back(clang::tok::r_paren);
          break;
        case clang::tok::l_square:
          closers.push_back(clang::tok::r_square);
          break;
        case clang::tok::l_brace:
          closers.push_back(clang::tok::r_brace);
          break;
        case clang::tok::r_paren:
        case clang::tok::r_square:
        case clang::tok::r_brace:
          if (closers.empty() || closers.back() != token.getKind()) return std::nullopt;
          closers.pop_back();
          break;
        default:
          break;
      }
      deepest = std::max(deepest, closers.size());
    }
    if (!closers.empty()) return std::nullopt;
    return deepest;
  }

  clang::Preprocessor& preprocessor_;
};

std::string probe(std::string_view name, std::string_view macro) {
  return fmt::format("static const __auto_type {} = ({});\n", name, macro);
}

std::optional<__int128> integer_value(const clang::Expr* value, const clang::ASTContext& context) {
  if (!value->getType()->isIntegralOrEnumerationType()) return std::nullopt;
  const std::optional<llvm::APSInt> integer = value->getIntegerConstantExpr(context);
  return integer ? wide_integer(*integer) : std::nullopt;
}

std::optional<std::string> string_value(const clang::Expr* value) {
  const auto* literal = llvm::dyn_cast<clang::StringLiteral>(value->IgnoreParenImpCasts());
  if (literal == nullptr || literal->getCharByteWidth() != 1) return std::nullopt;
  return literal->getString().str();
}

}  // namespace

std::string MacroProbes::write(clang::Preprocessor& preprocessor) {
  const clang::SourceManager& sources = preprocessor.getSourceManager();
  BracketCheck brackets(preprocessor);
  for (const auto& [name, state] : preprocessor.macros()) {
    const clang::MacroInfo* macro = preprocessor.getMacroInfo(name);
    if (macro == nullptr || macro->isFunctionLike() || macro->tokens_empty() || macro->isBuiltinMacro())
      continue;
    const clang::SourceLocation location = sources.getExpansionLoc(macro->getDefinitionLoc());
    const std::string path = real_path(sources, location);
    if (!names_.is_listed(path)) continue;
    probes_.push_back({name->getName().str(), names_.name(path), sources.getExpansionLineNumber(location),
                       brackets.balanced(macro)});
  }
  std::sort(probes_.begin(), probes_.end(), [](const Probe& a, const Probe& b) {
    return std::tie(a.file, a.line, a.macro) < std::tie(b.file, b.line, b.macro);
  });
  std::string text;
  for (size_t i = 0; i < probes_.size(); ++i) {
    if (probes_[i].balanced) text += probe(fmt::format("{}{}", prefix, i), probes_[i].macro);
  }
  if (preprocessor.isMacroDefined("PAGE_SIZE")) text += probe(page_size_probe, "PAGE_SIZE");
  return text;
}

void MacroProbes::read(clang::ASTContext& context, abi::Snapshot& snapshot, std::vector<std::string>& notes) {
  std::vector<const clang::Expr*> values(probes_.size());
  for (const clang::Decl* declaration : context.getTranslationUnitDecl()->decls()) {
    const auto* variable = llvm::dyn_cast<clang::VarDecl>(declaration);
    if (variable == nullptr || !variable->getDeclName().isIdentifier()) continue;
    const llvm::StringRef name = variable->getName();
    if (variable->isInvalidDecl() || variable->getInit() == nullptr) continue;
    size_t index = 0;
    if (name == llvm::StringRef(page_size_probe)) {
      page_size_ = integer_value(variable->getInit(), context);
    } else if (name.starts_with(prefix) && !name.substr(prefix.size()).getAsInteger(10, index)) {
      if (index < values.size()) values[index] = variable->getInit();
    }
  }
  for (size_t i = 0; i < probes_.size(); ++i) {
    const Probe& probe = probes_[i];
    abi::Constant constant{probe.macro, {}, {}, probe.file, probe.line};
    if (values[i] != nullptr) {
      constant.integer = integer_value(values[i], context);
      if (!constant.integer) constant.text = string_value(values[i]);
    }
    if (constant.integer || constant.text) {
      snapshot.constants.insert_or_assign(probe.macro, std::move(constant));
    } else {
      notes.push_back(fmt::format(
          "{}:{}: macro '{}' is neither an integer constant expression nor a string here, left out",
          probe.file, probe.line, probe.macro));
    }
  }
}

}  // namespace khover::extract
