#include "extract/layouts.h"

#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/RecordLayout.h>
#include <fmt/format.h>

#include "error/try.h"
#include "extract/kernel_doc.h"
#include "extract/real_path.h"
#include "extract/wide_integer.h"

namespace khover::extract {
namespace {

class LayoutCollector {
 public:
  LayoutCollector(clang::ASTContext& context, const HeaderNames& names, abi::Snapshot& snapshot)
      : context_(context),
        sources_(context.getSourceManager()),
        names_(names),
        snapshot_(snapshot),
        printing_(context.getPrintingPolicy()) {
    printing_.AnonymousTagLocations = false;  // they would carry this machine's paths
  }

  Result<void> run() { return visit(context_.getTranslationUnitDecl()); }

 private:
  Result<void> visit(const clang::DeclContext* scope) {
    for (const clang::Decl* declaration : scope->decls()) {
      const auto* tag = llvm::dyn_cast<clang::TagDecl>(declaration);
      if (tag == nullptr || !tag->isCompleteDefinition()) continue;
      if (!names_.is_listed(real_path(sources_, sources_.getExpansionLoc(tag->getLocation())))) continue;
      if (Result<void> done = add_listed(tag); !done) return done;
    }
    return {};
  }

  Result<void> add_listed(const clang::TagDecl* tag) {
    if (const auto* enumeration = llvm::dyn_cast<clang::EnumDecl>(tag)) {
      add_enumeration(enumeration);
      return {};
    }
    const auto* record = llvm::cast<clang::RecordDecl>(tag);
    const std::string name = own_name(record);
    if (!name.empty()) {
      if (Result<std::string> added = add_record(record, name); !added) return tl::unexpected(added.error());
    }
    return visit(record);  // a struct declared inside another one is known by its own tag, too
  }

  static std::string own_name(const clang::TagDecl* tag) {
    if (!tag->getName().empty()) return tag->getName().str();
    const clang::TypedefNameDecl* alias = tag->getTypedefNameForAnonDecl();
    return alias == nullptr ? "" : alias->getName().str();
  }

  void place(const clang::Decl* declaration, std::string& file, uint32_t& line) const {
    const clang::SourceLocation location = sources_.getExpansionLoc(declaration->getLocation());
    file = names_.name(real_path(sources_, location));
    line = sources_.getExpansionLineNumber(location);
  }

  void add_enumeration(const clang::EnumDecl* definition) {
    abi::Enumeration enumeration;
    place(definition, enumeration.file, enumeration.line);
    enumeration.name = own_name(definition);
    enumeration.by_typedef = definition->getName().empty() && !enumeration.name.empty();
    if (enumeration.name.empty())
      enumeration.name = fmt::format("enum@{}:{}", enumeration.file, enumeration.line);
    const clang::QualType integer = definition->getIntegerType();
    enumeration.size = static_cast<uint64_t>(context_.getTypeSizeInChars(integer).getQuantity());
    enumeration.is_signed = integer->isSignedIntegerType();
    for (const clang::EnumConstantDecl* enumerator : definition->enumerators()) {
      const std::optional<__int128> value = wide_integer(enumerator->getInitVal());
      if (value) enumeration.enumerators.push_back({enumerator->getName().str(), *value});
    }
    snapshot_.enumerations.insert_or_assign(enumeration.name, std::move(enumeration));
  }

  // Returns the name under which the record is kept.
  Result<std::string> add_record(const clang::RecordDecl* definition, const std::string& name) {
    if (auto known = record_names_.find(definition); known != record_names_.end()) return known->second;
    if (snapshot_.records.contains(name)) {
      const abi::Record& other = snapshot_.records.at(name);
      return fail(fmt::format("{}:{}", other.file, other.line),
                  fmt::format("two records have the name '{}', a tag and a typedef", name),
                  "rename one of them");
    }
    record_names_.emplace(definition, name);
    snapshot_.records[name].name = name;  // holds the place while its fields are visited

    const clang::ASTRecordLayout& layout = context_.getASTRecordLayout(definition);
    abi::Record record;
    record.name = name;
    record.is_union = definition->isUnion();
    record.by_typedef = definition->getName().empty() && own_name(definition) == name;
    record.packed = definition->hasAttr<clang::PackedAttr>();
    record.size = static_cast<uint64_t>(layout.getSize().getQuantity());
    record.alignment = static_cast<uint64_t>(layout.getAlignment().getQuantity());
    place(definition, record.file, record.line);
    document(definition, record);

    unsigned nameless = 0;
    for (const clang::FieldDecl* member : definition->fields()) {
      if (member->isUnnamedBitField()) continue;
      const std::string inner =
          fmt::format("{}.{}", name,
                      member->getName().empty() ? fmt::format("@{}", nameless++) : member->getName().str());
      record.fields.push_back(TRY(make_field(member, layout.getFieldOffset(member->getFieldIndex()), inner)));
    }
    snapshot_.records[name] = std::move(record);
    return name;
  }

  Result<abi::Field> make_field(const clang::FieldDecl* member, uint64_t bit, const std::string& inner) {
    abi::Field field;
    field.name = member->getName().str();
    field.offset = bit / 8;
    field.type = member->getType().getAsString(printing_);

    clang::QualType type = context_.getCanonicalType(member->getType());
    for (bool outermost = true; const clang::ArrayType* array = context_.getAsArrayType(type);
         outermost = false) {
      const auto* constant = llvm::dyn_cast<clang::ConstantArrayType>(array);
      const uint64_t bound = constant == nullptr ? 0 : constant->getSize().getZExtValue();
      // [0] is how C wrote [] before C99; the kernel still means a flexible array by it.
      if (outermost && bound == 0) {
        field.flexible_array = true;
      } else {
        field.dimensions.push_back(bound);
      }
      type = context_.getCanonicalType(array->getElementType());
    }
    if (const auto* atomic = type->getAs<clang::AtomicType>())
      type = context_.getCanonicalType(atomic->getValueType());

    field.element_size = static_cast<uint64_t>(context_.getTypeSizeInChars(type).getQuantity());
    field.size = field.flexible_array ? 0 : field.element_size;
    if (!field.flexible_array) {
      for (uint64_t bound : field.dimensions) field.size *= bound;
    }
    if (member->isBitField()) {
      field.bit_offset = static_cast<uint32_t>(bit % 8);
      field.bit_width = member->getBitWidthValue(context_);
      field.size = (field.bit_offset + field.bit_width + 7) / 8;
    }
    TRY(classify(member, type, inner, field));
    return field;
  }

  Result<void> classify(const clang::FieldDecl* member, clang::QualType type, const std::string& inner,
                        abi::Field& field) {
    using abi::TypeKind;
    if (const auto* record = type->getAs<clang::RecordType>()) {
      const clang::RecordDecl* definition = record->getDecl()->getDefinition();
      const std::string own = own_name(definition);
      std::string name = TRY(add_record(definition, own.empty() ? inner : own));
      field.kind = TypeKind::record;
      field.record = name;
    } else if (const auto* enumeration = type->getAs<clang::EnumType>()) {
      const clang::EnumDecl* definition = enumeration->getDecl()->getDefinition();
      if (definition != nullptr) add_enumeration(definition);
      field.kind = TypeKind::enumeration;
      field.is_signed = enumeration->isSignedIntegerType();
    } else if (type->isBooleanType()) {
      field.kind = TypeKind::boolean;
    } else if (type->isSpecificBuiltinType(clang::BuiltinType::Char_S) ||
               type->isSpecificBuiltinType(clang::BuiltinType::Char_U)) {
      field.kind = TypeKind::character;
      field.is_signed = type->isSignedIntegerType();
    } else if (type->isIntegerType()) {
      field.kind = TypeKind::integer;
      field.is_signed = type->isSignedIntegerType();
    } else if (type->isPointerType()) {
      field.kind = TypeKind::pointer;
    } else if (type->isRealFloatingType()) {
      field.kind = TypeKind::floating;
    } else {
      std::string file;
      uint32_t line = 0;
      place(member, file, line);
      return fail(fmt::format("{}:{}", file, line),
                  fmt::format("a snapshot cannot have a field of type '{}'", field.type),
                  "leave this header out");
    }
    return {};
  }

  void document(const clang::RecordDecl* definition, abi::Record& record) {
    const clang::FileID file = sources_.getFileID(sources_.getExpansionLoc(definition->getLocation()));
    auto [known, is_new] = documents_.try_emplace(file);
    if (is_new) known->second = doc_comments(sources_.getBufferData(file).str());
    for (const DocComment& comment : known->second) {
      if (comment.subject != record.name) continue;
      record.doc_hash = comment.hash;
      record.doc_versions.clear();
      for (const NamedVersion& version : comment.versions) record.doc_versions.push_back(version.text);
    }
  }

  clang::ASTContext& context_;
  clang::SourceManager& sources_;
  const HeaderNames& names_;
  abi::Snapshot& snapshot_;
  clang::PrintingPolicy printing_;
  std::map<const clang::RecordDecl*, std::string> record_names_;
  std::map<clang::FileID, std::vector<DocComment>> documents_;
};

}  // namespace

Result<void> collect_layouts(clang::ASTContext& context, const HeaderNames& names, abi::Snapshot& snapshot) {
  return LayoutCollector(context, names, snapshot).run();
}

}  // namespace khover::extract
