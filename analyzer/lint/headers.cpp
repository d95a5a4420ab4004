#include "lint/headers.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/Lex/Lexer.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "c/parse.h"
#include "error/try.h"
#include "extract/compile_flags.h"
#include "extract/header_names.h"
#include "extract/kernel_tree.h"
#include "extract/real_path.h"

namespace khover::lint {
namespace {

namespace fs = std::filesystem;

constexpr const char* unit_path = "/khover-unit/lint.c";

bool is_fixed_width(const std::string& name) {
  static const std::set<std::string> names = {
      "u8",       "u16",       "u32",       "u64",       "s8",          "s16",     "s32",     "s64",
      "__u8",     "__u16",     "__u32",     "__u64",     "__s8",        "__s16",   "__s32",   "__s64",
      "__le16",   "__le32",    "__le64",    "__be16",    "__be32",      "__be64",  "uint8_t", "uint16_t",
      "uint32_t", "uint64_t",  "int8_t",    "int16_t",   "int32_t",     "int64_t", "uuid_t",  "guid_t",
      "u_int8_t", "u_int16_t", "u_int32_t", "u_int64_t", "__uint128_t", "u128",    "__u128"};
  return names.contains(name);
}

// Records in a sizeof anywhere in the condition.
void find_sizeof(const clang::Stmt* statement, std::set<std::string>& names) {
  if (statement == nullptr) return;
  const auto* expression = llvm::dyn_cast<clang::UnaryExprOrTypeTraitExpr>(statement);
  if (expression != nullptr && expression->getKind() == clang::UETT_SizeOf) {
    const clang::QualType type = expression->getTypeOfArgument();
    if (const auto* record = type->getAs<clang::RecordType>())
      names.insert(record->getDecl()->getNameAsString());
    if (const auto* alias = type->getAs<clang::TypedefType>())
      names.insert(alias->getDecl()->getNameAsString());
  }
  for (const clang::Stmt* child : statement->children()) find_sizeof(child, names);
}

class Collector {
 public:
  Collector(clang::ASTContext& context, const extract::HeaderNames& names, Headers& headers)
      : context_(context), sources_(context.getSourceManager()), names_(names), headers_(headers) {}

  void run() {
    visit(context_.getTranslationUnitDecl());
    for (const clang::Decl* declaration : context_.getTranslationUnitDecl()->decls()) {
      const auto* assertion = llvm::dyn_cast<clang::StaticAssertDecl>(declaration);
      if (assertion == nullptr) continue;
      find_sizeof(assertion->getAssertExpr(), headers_.size_asserted);
    }
  }

 private:
  void visit(const clang::DeclContext* scope) {
    for (const clang::Decl* declaration : scope->decls()) {
      const auto* record = llvm::dyn_cast<clang::RecordDecl>(declaration);
      if (record == nullptr || !record->isCompleteDefinition()) continue;
      if (!names_.is_listed(extract::real_path(sources_, sources_.getExpansionLoc(record->getLocation()))))
        continue;
      const std::string name = own_name(record);
      if (!name.empty()) add(record, name, false);
      visit(record);
    }
  }

  static std::string own_name(const clang::RecordDecl* record) {
    if (!record->getName().empty()) return record->getName().str();
    const clang::TypedefNameDecl* alias = record->getTypedefNameForAnonDecl();
    return alias == nullptr ? "" : alias->getName().str();
  }

  Place place_of(clang::SourceLocation location) const {
    const clang::SourceLocation at = sources_.getExpansionLoc(location);
    Place place;
    place.file = names_.name(extract::real_path(sources_, at));
    place.line = sources_.getExpansionLineNumber(at);
    place.column = sources_.getExpansionColumnNumber(at);
    place.end_column = place.column + clang::Lexer::MeasureTokenLength(at, sources_, context_.getLangOpts());
    return place;
  }

  void add(const clang::RecordDecl* record, const std::string& name, bool nested) {
    if (headers_.declarations.contains(name)) return;
    Declaration& declaration = headers_.declarations[name];
    declaration.place = place_of(record->getLocation());
    declaration.first_line = sources_.getExpansionLineNumber(record->getBeginLoc());
    declaration.last_line = sources_.getExpansionLineNumber(record->getBraceRange().getEnd());
    declaration.nested = nested;
    std::vector<Member> members;
    bool unnamed = false;
    unsigned nameless = 0;
    for (const clang::FieldDecl* field : record->fields()) {
      if (field->isUnnamedBitField()) {
        unnamed = true;
        continue;
      }
      // The names that extract gives to types without one.
      const std::string inner = fmt::format(
          "{}.{}", name, field->getName().empty() ? fmt::format("@{}", nameless++) : field->getName().str());
      members.push_back(member_of(field));
      const clang::QualType element = context_.getBaseElementType(field->getType());
      if (const auto* type = element->getAs<clang::RecordType>()) {
        const clang::RecordDecl* definition = type->getDecl()->getDefinition();
        if (definition != nullptr && own_name(definition).empty()) add(definition, inner, true);
      }
    }
    Declaration& kept = headers_.declarations[name];
    kept.members = std::move(members);
    kept.unnamed_bits = unnamed;
  }

  Member member_of(const clang::FieldDecl* field) const {
    Member member;
    const clang::SourceLocation location = field->getLocation();
    member.place = place_of(location.isMacroID() && sources_.isMacroArgExpansion(location)
                                ? sources_.getSpellingLoc(location)
                                : location);
    if (location.isMacroID()) {
      member.macro = clang::Lexer::getImmediateMacroName(location, sources_, context_.getLangOpts()).str();
    }
    member.counted_by = field->hasAttr<clang::CountedByAttr>();
    clang::QualType type = field->getType();
    while (const clang::ArrayType* array = context_.getAsArrayType(type)) type = array->getElementType();
    const clang::QualType canonical = context_.getCanonicalType(type).getUnqualifiedType();
    if (const auto* alias = type->getAs<clang::TypedefType>()) {
      member.type_name = alias->getDecl()->getNameAsString();
      member.fixed_width = is_fixed_width(member.type_name);
    } else if (canonical->isBuiltinType()) {
      member.type_name = canonical.getAsString();
    }
    const bool any_long = canonical->isSpecificBuiltinType(clang::BuiltinType::Long) ||
                          canonical->isSpecificBuiltinType(clang::BuiltinType::ULong);
    member.is_long = any_long && !member.fixed_width;
    return member;
  }

  clang::ASTContext& context_;
  const clang::SourceManager& sources_;
  const extract::HeaderNames& names_;
  Headers& headers_;
};

Result<std::string> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(path, "cannot be read");
  return text.str();
}

}  // namespace

const abi::Record* Headers::record(const std::string& name) const {
  const auto found = snapshot.records.find(name);
  return found == snapshot.records.end() ? nullptr : &found->second;
}

std::vector<abi::Cover> Headers::covers(const abi::Record& record) const {
  return abi::covers_of(snapshot, record.name, record.file, stated, documented);
}

Place Headers::place_of(const std::string& record, size_t field) const {
  const auto found = declarations.find(record);
  if (found == declarations.end()) return {};
  return field < found->second.members.size() ? found->second.members[field].place : found->second.place;
}

Place Headers::place_of_word(const std::string& file, uint32_t line, const std::string& word) const {
  Place place{file, line, 0, 0};
  const size_t at = sources.line(file, line).find(word);
  if (at != std::string_view::npos) {
    place.column = static_cast<uint32_t>(at + 1);
    place.end_column = static_cast<uint32_t>(at + 1 + word.size());
  }
  return place;
}

std::string member_name(const abi::Record& record, const abi::Field& field) {
  return field.name.empty() ? record.name : record.name + "." + field.name;
}

Result<Headers> read_headers(const extract::Request& request, std::vector<abi::StatedCover> stated) {
  extract::Extraction extraction = TRY(extract::extract(request));
  Headers headers;
  headers.snapshot = std::move(extraction.snapshot);
  headers.stated = std::move(stated);

  // The same names that the extraction gave: roots in the same order.
  std::vector<std::string> roots;
  extract::Arch arch = headers.snapshot.source.arch == "arm64" ? extract::Arch::arm64 : extract::Arch::x86_64;
  if (!request.kernel.empty()) {
    extract::KernelTree tree =
        TRY(extract::find_kernel_tree(request.kernel, request.generated, request.arch));
    roots = {tree.source, tree.generated};
    headers.tree = tree.source;
    arch = tree.arch;
  }
  std::error_code error;
  for (const std::string& directory : request.include_directories) {
    const fs::path canonical = fs::canonical(directory, error);
    if (!error) roots.push_back(canonical.string());
  }
  extract::HeaderNames names(roots);
  for (const std::string& include : extraction.includes) {
    std::string operand = include.substr(1, include.size() - 2);
    if (include.front() == '<') operand = headers.tree + "/include/" + operand;
    const std::string path = fs::canonical(operand, error).string();
    if (error) continue;
    const std::string name = names.name(path);
    const auto& listed = headers.snapshot.source.headers;
    if (std::find(listed.begin(), listed.end(), name) == listed.end()) continue;  // only there for its macros
    names.list(path);
    std::string text = TRY(contents(path));
    headers.sources.add(name, std::move(text));
  }
  for (const auto& [name, text] : headers.sources.files()) {
    headers.comments[name] = comments_of(text);
    abi::read_documented_covers(text, name, headers.snapshot, headers.documented);
  }

  c::ParseRequest parse;
  parse.flags = extraction.gcc_arguments;
  parse.flags.insert(parse.flags.begin(), extract::clang_target(arch));
  parse.path = unit_path;
  std::string unit;
  for (const std::string& include : extraction.includes) unit += fmt::format("#include {}\n", include);
  parse.folders = request.folders;
  parse.overlay = {{unit_path, unit}, {extract::configuration_path, extraction.configuration}};
  TRY(c::parse_unit(parse, [&](clang::ASTContext& context) { Collector(context, names, headers).run(); }));
  return headers;
}

}  // namespace khover::lint
