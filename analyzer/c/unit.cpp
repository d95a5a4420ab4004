#include "c/unit.h"

#include <clang/Lex/Lexer.h>
#include <fmt/format.h>

#include <algorithm>

#include "c/statements.h"
#include "extract/real_path.h"

namespace khover::c {
namespace {

using clang::dyn_cast;
using clang::isa;

constexpr unsigned deepest_expression = 2000;
constexpr unsigned longest_call_chain = 3;

// A condition inside of which something is decided.
std::vector<const clang::Expr*> conditions_of(const clang::Stmt* statement) {
  if (const auto* one = dyn_cast<clang::IfStmt>(statement)) return {one->getCond()};
  if (const auto* one = dyn_cast<clang::WhileStmt>(statement)) return {one->getCond()};
  if (const auto* one = dyn_cast<clang::DoStmt>(statement)) return {one->getCond()};
  if (const auto* one = dyn_cast<clang::ForStmt>(statement)) return {one->getCond()};
  if (const auto* one = dyn_cast<clang::SwitchStmt>(statement)) return {one->getCond()};
  if (const auto* one = dyn_cast<clang::AbstractConditionalOperator>(statement)) return {one->getCond()};
  if (const auto* one = dyn_cast<clang::UnaryOperator>(statement)) {
    if (one->getOpcode() == clang::UO_LNot) return {one->getSubExpr()};
  }
  if (const auto* one = dyn_cast<clang::BinaryOperator>(statement)) {
    if (one->isLogicalOp()) return {one->getLHS(), one->getRHS()};
  }
  return {};
}

bool has_word(std::string_view name, const std::set<std::string>& words) {
  size_t begin = 0;
  while (begin <= name.size()) {
    const size_t end = std::min(name.find('_', begin), name.size());
    if (words.contains(std::string(name.substr(begin, end - begin)))) return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace

const clang::Expr* bare(const clang::Expr* expression) {
  while (expression != nullptr) {
    const clang::Expr* inner = expression->IgnoreParenCasts();
    if (const auto* full = dyn_cast<clang::FullExpr>(inner)) {
      inner = full->getSubExpr();
    } else if (const auto* block = dyn_cast<clang::StmtExpr>(inner)) {
      const auto* body = block->getSubStmt();
      const auto* last = body->body_empty() ? nullptr : dyn_cast<clang::Expr>(body->body_back());
      if (last == nullptr) return inner;
      inner = last;
    } else if (const auto* unary = dyn_cast<clang::UnaryOperator>(inner);
               unary != nullptr && unary->getOpcode() == clang::UO_Extension) {
      inner = unary->getSubExpr();
    } else if (const auto* choose = dyn_cast<clang::ChooseExpr>(inner)) {
      inner = choose->getChosenSubExpr();
    } else if (const auto* generic = dyn_cast<clang::GenericSelectionExpr>(inner);
               generic != nullptr && !generic->isResultDependent()) {
      inner = generic->getResultExpr();
    } else if (const auto* call = dyn_cast<clang::CallExpr>(inner);
               call != nullptr && call->getDirectCallee() != nullptr && call->getNumArgs() > 0 &&
               call->getDirectCallee()->getName().starts_with("__builtin_expect")) {
      inner = call->getArg(0);
    }
    if (inner == expression) return inner;
    expression = inner;
  }
  return expression;
}

const clang::VarDecl* variable_of(const clang::Expr* expression) {
  const auto* reference = dyn_cast_or_null<clang::DeclRefExpr>(bare(expression));
  return reference == nullptr ? nullptr : dyn_cast<clang::VarDecl>(reference->getDecl());
}

const clang::FieldDecl* member_of(const clang::Expr* expression) {
  expression = bare(expression);
  while (const auto* element = dyn_cast_or_null<clang::ArraySubscriptExpr>(expression)) {
    expression = bare(element->getBase());
  }
  const auto* member = dyn_cast_or_null<clang::MemberExpr>(expression);
  return member == nullptr ? nullptr : dyn_cast<clang::FieldDecl>(member->getMemberDecl());
}

std::optional<__int128> constant_of(const clang::Expr* expression, const clang::ASTContext& context) {
  if (expression == nullptr || expression->isValueDependent()) return std::nullopt;
  clang::Expr::EvalResult result;
  if (!expression->getType()->isIntegralOrEnumerationType() || !expression->EvaluateAsInt(result, context)) {
    return std::nullopt;
  }
  const llvm::APSInt value = result.Val.getInt();
  if (value.getSignificantBits() > 64) return std::nullopt;
  return value.isSigned() ? static_cast<__int128>(value.getSExtValue())
                          : static_cast<__int128>(value.getZExtValue());
}

bool is_zero(const clang::Expr* expression, const clang::ASTContext& context) {
  if (const auto value = constant_of(expression, context)) return *value == 0;
  const clang::Expr* inner = expression->IgnoreParenCasts();
  if (const auto value = constant_of(inner, context)) return *value == 0;
  return false;
}

const clang::RecordDecl* pointed_record(clang::QualType type) {
  const clang::QualType target = type->getPointeeType();
  if (target.isNull()) return nullptr;
  const auto* record = target->getAs<clang::RecordType>();
  return record == nullptr ? nullptr : record->getDecl()->getDefinition();
}

Unit::Unit(clang::ASTContext& ast, const Table& the_table, const extract::HeaderNames& names,
           const std::set<std::string>& reviewed, const std::vector<SyntaxError>& errors)
    : context(ast), table(the_table), names_(names) {
  std::set<const SyntaxError*> told;
  for (clang::Decl* declaration : context.getTranslationUnitDecl()->decls()) {
    if (!isa<clang::FunctionDecl>(declaration)) continue;
    auto* definition = llvm::cast<clang::FunctionDecl>(declaration);
    if (!definition->isThisDeclarationADefinition() || !definition->hasBody()) continue;
    if (!reviewed.contains(file_of(definition->getLocation()))) continue;
    if (const std::string why = why_broken(definition, errors, told); !why.empty()) {
      left_out.push_back({findings::LeftOut::Part::function, definition->getNameAsString(),
                          place(definition->getLocation()), why});
      continue;
    }
    functions.push_back(std::make_unique<Function>(definition, context));
    by_declaration_[definition->getCanonicalDecl()] = functions.back().get();
  }
  for (const SyntaxError& error : errors) {
    if (told.contains(&error)) continue;
    left_out.push_back({findings::LeftOut::Part::declaration, "",
                        error.at.isValid() ? place(error.at) : findings::Place(), error.text});
  }
  for (const auto& one : functions) {
    for (const clang::CallExpr* call : one->calls) {
      const clang::FunctionDecl* target = call->getDirectCallee();
      if (target == nullptr) continue;
      const auto found = by_declaration_.find(target->getCanonicalDecl());
      if (found != by_declaration_.end()) callers_[found->second].emplace_back(one.get(), call);
    }
  }
  find_kernels();
  // Values flow into called functions: as often as the longest chain that is followed.
  for (unsigned round = 0; round <= longest_call_chain; ++round) {
    for (const auto& one : functions) find_values(*one);
  }
  for (const auto& one : functions) find_tests(*one);
}

std::string Unit::why_broken(const clang::FunctionDecl* definition, const std::vector<SyntaxError>& errors,
                             std::set<const SyntaxError*>& told) const {
  if (errors.empty()) return "";
  const clang::SourceManager& sources = context.getSourceManager();
  const clang::SourceLocation begin = sources.getExpansionLoc(definition->getBeginLoc());
  const clang::SourceLocation end = sources.getExpansionLoc(definition->getEndLoc());
  std::string why;
  for (const SyntaxError& error : errors) {
    const clang::SourceLocation at = sources.getExpansionLoc(error.at);
    const bool is_here = at.isValid() && sources.getFileID(at) == sources.getFileID(begin) &&
                         sources.getFileOffset(at) >= sources.getFileOffset(begin) &&
                         sources.getFileOffset(at) <= sources.getFileOffset(end);
    if (!is_here) continue;
    if (why.empty()) why = error.text;
    told.insert(&error);
  }
  if (!why.empty()) return why;
  if (definition->isInvalidDecl()) return "its declaration does not parse";
  // clang says once what is wrong with a declaration, and nothing more where it is used.
  for (const clang::Stmt* statement : inside(definition->getBody())) {
    const auto* expression = dyn_cast<clang::Expr>(statement);
    if (expression != nullptr && expression->containsErrors()) return "it uses what does not parse";
    const auto* declaration = dyn_cast<clang::DeclStmt>(statement);
    if (declaration == nullptr) continue;
    for (const clang::Decl* part : declaration->decls()) {
      if (part->isInvalidDecl()) return "it uses what does not parse";
    }
  }
  return "";
}

const Function* Unit::function(const clang::FunctionDecl* declaration) const {
  if (declaration == nullptr) return nullptr;
  const auto found = by_declaration_.find(declaration->getCanonicalDecl());
  return found == by_declaration_.end() ? nullptr : found->second;
}

std::string Unit::callee(const clang::CallExpr* call) const {
  const clang::FunctionDecl* target = call->getDirectCallee();
  return target == nullptr ? "" : target->getNameAsString();
}

const Api* Unit::api(const clang::CallExpr* call) const {
  const clang::FunctionDecl* target = call->getDirectCallee();
  return target == nullptr || target->getIdentifier() == nullptr ? nullptr
                                                                 : table.function(target->getName());
}

const clang::Expr* Unit::argument(const clang::CallExpr* call, Role role) const {
  const Api* known = api(call);
  if (known == nullptr || !known->has(role)) return nullptr;
  const unsigned place = known->arguments.at(role);
  return place < call->getNumArgs() ? call->getArg(place) : nullptr;
}

const std::vector<std::pair<const Function*, const clang::CallExpr*>>& Unit::calls_of(
    const Function& one) const {
  static const std::vector<std::pair<const Function*, const clang::CallExpr*>> none;
  const auto found = callers_.find(&one);
  return found == callers_.end() ? none : found->second;
}

std::string Unit::file_of(clang::SourceLocation at) const {
  const clang::SourceManager& sources = context.getSourceManager();
  const std::string path = extract::real_path(sources, sources.getExpansionLoc(at));
  return path.empty() ? "" : names_.name(path);
}

bool Unit::is_serialized(const clang::RecordDecl* record) const {
  if (record == nullptr) return false;
  const auto [entry, fresh] = serialized_.try_emplace(record, false);
  if (fresh) {
    entry->second = table.is_abi_header(file_of(record->getLocation())) ||
                    (record->getIdentifier() != nullptr && table.is_record(record->getName()));
  }
  return entry->second;
}

bool Unit::is_serialized(const clang::FieldDecl* field) const {
  return field != nullptr && is_serialized(field->getParent());
}

void Unit::find_kernels() {
  std::map<Function*, std::set<Kernel>> said;
  // Callbacks in tables.
  for (clang::Decl* declaration : context.getTranslationUnitDecl()->decls()) {
    auto* variable = dyn_cast<clang::VarDecl>(declaration);
    const auto* list = variable == nullptr || variable->getInit() == nullptr
                           ? nullptr
                           : dyn_cast<clang::InitListExpr>(variable->getInit()->IgnoreParenCasts());
    if (list == nullptr) continue;
    if (const clang::InitListExpr* semantic = list->isSemanticForm() ? list : list->getSemanticForm()) {
      list = semantic;
    }
    const auto* record = list->getType()->getAs<clang::RecordType>();
    if (record == nullptr) continue;
    const auto operations = table.operations.find(record->getDecl()->getNameAsString());
    if (operations == table.operations.end()) continue;
    unsigned index = 0;
    for (const clang::FieldDecl* field : record->getDecl()->fields()) {
      if (index >= list->getNumInits()) break;
      const auto* reference = dyn_cast<clang::DeclRefExpr>(list->getInit(index++)->IgnoreParenCasts());
      const auto* target =
          reference == nullptr ? nullptr : dyn_cast<clang::FunctionDecl>(reference->getDecl());
      const auto found =
          target == nullptr ? by_declaration_.end() : by_declaration_.find(target->getCanonicalDecl());
      if (found == by_declaration_.end()) continue;
      const std::string name = field->getNameAsString();
      if (operations->second.outgoing.contains(name)) said[found->second].insert(Kernel::outgoing);
      if (operations->second.incoming.contains(name)) said[found->second].insert(Kernel::incoming);
    }
  }
  for (const auto& one : functions) {
    if (!said[one.get()].empty()) continue;
    for (const clang::CallExpr* call : one->calls) {
      const Api* known = api(call);
      if (known != nullptr && known->kernel != Kernel::unknown) said[one.get()].insert(known->kernel);
    }
    if (said[one.get()].empty()) {
      for (const auto& [kernel, words] : table.words) {
        if (has_word(one->name, words)) said[one.get()].insert(kernel);
      }
    }
  }
  // What only one kernel calls runs in that kernel.
  for (unsigned round = 0; round <= longest_call_chain; ++round) {
    for (const auto& one : functions) {
      std::set<Kernel>& mine = said[one.get()];
      if (!mine.empty() || one->declaration->isExternallyVisible()) continue;
      std::set<Kernel> of_callers;
      for (const auto& [caller, call] : calls_of(*one)) {
        const std::set<Kernel>& theirs = said[const_cast<Function*>(caller)];
        of_callers.insert(theirs.size() == 1 ? *theirs.begin() : Kernel::unknown);
      }
      if (of_callers.size() == 1 && !of_callers.contains(Kernel::unknown)) mine = of_callers;
    }
  }
  for (const auto& one : functions) {
    const std::set<Kernel>& mine = said[one.get()];
    if (mine.size() == 1) one->kernel = *mine.begin();
  }
}

namespace {

// The operands that the value is made of, as large as they are.
std::vector<const clang::Expr*> valued_operands(const clang::BinaryOperator* binary,
                                                const clang::ASTContext& context) {
  switch (binary->getOpcode()) {
    case clang::BO_And:
    case clang::BO_Rem:
      // Cut to what a constant allows.
      if (constant_of(binary->getLHS(), context) || constant_of(binary->getRHS(), context)) return {};
      [[fallthrough]];
    case clang::BO_Add:
    case clang::BO_Sub:
    case clang::BO_Mul:
    case clang::BO_Div:
    case clang::BO_Shl:
    case clang::BO_Shr:
    case clang::BO_Or:
    case clang::BO_Xor:
      return {binary->getLHS(), binary->getRHS()};
    case clang::BO_Assign:
    case clang::BO_Comma:
      return {binary->getRHS()};
    default:
      return {};
  }
}

}  // namespace

Fields Unit::fields(const clang::Expr* value, const Function& in) const {
  Fields found;
  std::vector<const clang::Expr*> open = {value};
  unsigned steps = 0;
  while (!open.empty() && ++steps < deepest_expression) {
    const clang::Expr* one = bare(open.back());
    open.pop_back();
    if (one == nullptr) continue;
    if (const clang::FieldDecl* field = member_of(one)) {
      const bool whole_array = isa<clang::MemberExpr>(one) && field->getType()->isArrayType();
      if (is_serialized(field) && !whole_array && !field->getType()->isRecordType()) {
        found.insert(field->getCanonicalDecl());
      } else if (const auto copy = in.copies.find(field->getCanonicalDecl()); copy != in.copies.end()) {
        found.insert(copy->second.begin(), copy->second.end());
      }
    } else if (const clang::VarDecl* variable = variable_of(one)) {
      if (const auto known = in.variables.find(variable); known != in.variables.end()) {
        found.insert(known->second.begin(), known->second.end());
      }
    } else if (const auto* unary = dyn_cast<clang::UnaryOperator>(one)) {
      if (unary->getOpcode() == clang::UO_Minus || unary->getOpcode() == clang::UO_Not ||
          unary->getOpcode() == clang::UO_Plus) {
        open.push_back(unary->getSubExpr());
      }
    } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(one)) {
      for (const clang::Expr* operand : valued_operands(binary, context)) open.push_back(operand);
    } else if (const auto* choice = dyn_cast<clang::ConditionalOperator>(one)) {
      const auto* condition = dyn_cast_or_null<clang::BinaryOperator>(bare(choice->getCond()));
      // min(), max() and clamp() are choices by comparison: their result has a limit.
      if (condition == nullptr || !condition->isRelationalOp()) {
        open.push_back(choice->getTrueExpr());
        open.push_back(choice->getFalseExpr());
      }
    } else if (const auto* call = dyn_cast<clang::CallExpr>(one)) {
      const Api* known = api(call);
      if (known != nullptr && known->is(Trait::passes)) {
        for (const clang::Expr* argument : call->arguments()) open.push_back(argument);
      }
    }
  }
  return found;
}

Fields Unit::image_fields(const clang::Expr* value, const Function& in) const {
  return in.kernel == Kernel::incoming ? fields(value, in) : Fields{};
}

Fields Unit::mentioned(const clang::Stmt* below, const Function& in) const {
  Fields found;
  std::vector<const clang::Stmt*> open = {below};
  while (!open.empty()) {
    const clang::Stmt* one = open.back();
    open.pop_back();
    if (one == nullptr) continue;
    if (const auto* expression = dyn_cast<clang::Expr>(one)) {
      const Fields here = fields(expression, in);
      found.insert(here.begin(), here.end());
    }
    open.insert(open.end(), one->child_begin(), one->child_end());
  }
  return found;
}

void Unit::find_values(Function& one) {
  const auto learn = [&](const clang::VarDecl* variable, const clang::Expr* value, const Function& where) {
    if (variable == nullptr || value == nullptr || !variable->getType()->isIntegerType()) return;
    const Fields from = fields(value, where);
    if (!from.empty()) one.variables[variable].insert(from.begin(), from.end());
  };
  if (!one.declaration->isExternallyVisible()) {
    for (const auto& [caller, call] : calls_of(one)) {
      for (unsigned i = 0; i < call->getNumArgs() && i < one.declaration->getNumParams(); ++i) {
        learn(one.declaration->getParamDecl(i), call->getArg(i), *caller);
      }
    }
  }
  for (const clang::Stmt* statement : one.statements) {
    if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
      for (const clang::Decl* part : declaration->decls()) {
        if (const auto* variable = dyn_cast<clang::VarDecl>(part)) learn(variable, variable->getInit(), one);
      }
    } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement)) {
      if (binary->isAssignmentOp()) learn(variable_of(binary->getLHS()), binary->getRHS(), one);
      const auto* copy = dyn_cast_or_null<clang::MemberExpr>(bare(binary->getLHS()));
      const clang::FieldDecl* field = copy == nullptr ? nullptr : member_of(copy);
      if (binary->isAssignmentOp() && field != nullptr && !is_serialized(field) &&
          field->getType()->isIntegerType()) {
        const Fields from = fields(binary->getRHS(), one);
        if (!from.empty()) one.copies[field->getCanonicalDecl()].insert(from.begin(), from.end());
      }
      if (binary->isCompoundAssignmentOp()) one.counters.insert(variable_of(binary->getLHS()));
    } else if (const auto* unary = dyn_cast<clang::UnaryOperator>(statement)) {
      if (unary->isIncrementDecrementOp()) one.counters.insert(variable_of(unary->getSubExpr()));
    }
  }
}

void Unit::add_test(Function& one, const clang::Expr* condition) {
  const clang::Expr* core = bare(condition);
  if (core == nullptr) return;
  if (const auto* call = dyn_cast<clang::CallExpr>(core)) {
    // A function of this unit that judges the record: what it tests, it tests for its caller.
    Fields limits;
    for (const clang::Expr* argument : call->arguments()) {
      const Fields here = fields(argument, one);
      limits.insert(here.begin(), here.end());
    }
    if (!limits.empty()) one.tests.push_back({core, limits, true});
    return;
  }
  if (const auto* binary = dyn_cast<clang::BinaryOperator>(core)) {
    if (binary->getOpcode() == clang::BO_And) one.tests.push_back({core, mentioned(core, one), true});
    return;
  }
  const Fields direct = fields(core, one);
  if (!direct.empty()) one.tests.push_back({core, direct, false});
}

void Unit::find_tests(Function& one) {
  const auto is_stepped = [&](const clang::Expr* side) {
    std::vector<const clang::Stmt*> open = {side};
    while (!open.empty()) {
      const clang::Stmt* part = open.back();
      open.pop_back();
      if (part == nullptr) continue;
      if (const auto* expression = dyn_cast<clang::Expr>(part)) {
        const clang::VarDecl* variable = variable_of(expression);
        if (variable != nullptr && one.counters.contains(variable)) return true;
      }
      open.insert(open.end(), part->child_begin(), part->child_end());
    }
    return false;
  };
  for (const clang::Stmt* statement : one.statements) {
    for (const clang::Expr* condition : conditions_of(statement)) {
      if (condition != nullptr) add_test(one, condition);
      if (condition != nullptr && isa<clang::SwitchStmt>(statement)) {
        one.tests.push_back({bare(condition), fields(condition, one), true});
      }
    }
    const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
    if (binary == nullptr || !binary->isComparisonOp()) continue;
    for (const auto& [side, other] :
         {std::pair(binary->getLHS(), binary->getRHS()), std::pair(binary->getRHS(), binary->getLHS())}) {
      const Fields here = fields(side, one);
      if (here.empty()) continue;
      // "i < count" of a loop limits i, not count.
      one.tests.push_back({binary, here, !is_zero(other, context) && !is_stepped(other)});
    }
  }
  // A call whose result is kept, of a function of this unit that tests the member.
  for (const clang::CallExpr* call : one.calls) {
    const Function* target = function(call->getDirectCallee());
    Fields limited;
    if (target != nullptr) {
      for (const Test& test : target->tests) {
        if (test.bound) limited.insert(test.fields.begin(), test.fields.end());
      }
    } else if (const auto known = table.elsewhere.find(callee(call)); known != table.elsewhere.end()) {
      for (const clang::FieldDecl* field : mentioned(one.declaration->getBody(), one)) {
        if (known->second.limits.contains(name_of(field))) limited.insert(field);
      }
    }
    if (!limited.empty() && !isa_and_nonnull<clang::CompoundStmt>(one.parent(call))) {
      one.tests.push_back({call, limited, true});
    }
  }
}

bool Unit::is_tested(const clang::FieldDecl* field, const clang::Stmt* use, const Function& in, bool bound,
                     unsigned depth) const {
  for (const Test& test : in.tests) {
    if ((test.bound || !bound) && test.fields.contains(field) && !in.is_inside(test.at, use) &&
        in.dominates(test.at, use)) {
      return true;
    }
  }
  if (depth == longest_call_chain || in.declaration->isExternallyVisible()) return false;
  const auto& callers = calls_of(in);
  return !callers.empty() && std::all_of(callers.begin(), callers.end(), [&](const auto& one) {
    return is_tested(field, one.second, *one.first, bound, depth + 1);
  });
}

std::string Unit::text(const clang::Stmt* statement) const {
  const clang::SourceManager& sources = context.getSourceManager();
  const clang::CharSourceRange range = clang::CharSourceRange::getTokenRange(
      sources.getFileLoc(statement->getBeginLoc()), sources.getFileLoc(statement->getEndLoc()));
  const llvm::StringRef raw = clang::Lexer::getSourceText(range, sources, context.getLangOpts());
  std::string line;
  for (const char c : raw.substr(0, 200)) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (space && (line.empty() || line.back() == ' ')) continue;
    line += space ? ' ' : c;
  }
  return line;
}

std::string Unit::name_of(const clang::FieldDecl* field) const {
  const clang::RecordDecl* record = field->getParent();
  while (record->getName().empty() && record->getParent()->isRecord()) {
    record = llvm::cast<clang::RecordDecl>(record->getParent());
  }
  std::string owner = record->getNameAsString();
  if (owner.empty() && record->getTypedefNameForAnonDecl() != nullptr) {
    owner = record->getTypedefNameForAnonDecl()->getNameAsString();
  }
  return owner.empty() ? field->getNameAsString() : owner + "." + field->getNameAsString();
}

std::set<std::string> Unit::macros_of(clang::SourceLocation at) const {
  const clang::SourceManager& sources = context.getSourceManager();
  std::set<std::string> names;
  while (at.isMacroID()) {
    names.insert(clang::Lexer::getImmediateMacroName(at, sources, context.getLangOpts()).str());
    at = sources.getImmediateMacroCallerLoc(at);
  }
  return names;
}

std::string Unit::macro_of(clang::SourceLocation at) const {
  const clang::SourceManager& sources = context.getSourceManager();
  std::string name;
  while (at.isMacroID()) {
    name = clang::Lexer::getImmediateMacroName(at, sources, context.getLangOpts()).str();
    at = sources.getImmediateMacroCallerLoc(at);
  }
  return name;
}

findings::Place Unit::place(clang::SourceRange range) const {
  const clang::SourceManager& sources = context.getSourceManager();
  const clang::SourceLocation begin = sources.getFileLoc(range.getBegin());
  const clang::SourceLocation end = sources.getFileLoc(range.getEnd());
  findings::Place place;
  place.file = file_of(begin);
  place.line = sources.getSpellingLineNumber(begin);
  place.column = sources.getSpellingColumnNumber(begin);
  if (sources.getSpellingLineNumber(end) == place.line &&
      sources.getFileID(end) == sources.getFileID(begin)) {
    place.end_column = sources.getSpellingColumnNumber(end) +
                       clang::Lexer::MeasureTokenLength(end, sources, context.getLangOpts());
  }
  return place;
}

}  // namespace khover::c
