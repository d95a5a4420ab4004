#include "btf/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "btf/spelling.h"
#include "error/try.h"

namespace khover::btf {
namespace {

constexpr int kMaxNesting = 64;    // records in records
constexpr int kMaxNamesakes = 64;  // different records of one name

bool is_record(Kind kind) { return kind == Kind::structure || kind == Kind::union_; }
bool is_enumeration(Kind kind) { return kind == Kind::enumeration || kind == Kind::enumeration64; }

class Extractor {
 public:
  explicit Extractor(const Types& types) : types_(types) {
    for (uint32_t id = 1; id < types_.count(); ++id) {
      const Type& type = types_[id];
      // A type without a tag is known by the typedef that names it.
      if (type.kind == Kind::alias && types_[type.to].name.empty()) aliases_.try_emplace(type.to, id);
    }
  }

  Result<Layouts> run(const std::vector<std::string>& names) {
    const std::set<std::string_view> wanted(names.begin(), names.end());
    std::set<std::string> found;
    for (uint32_t id = 1; id < types_.count(); ++id) {
      const Type& type = types_[id];
      if (!is_record(type.kind) && !is_enumeration(type.kind)) continue;
      const std::string name = is_record(type.kind) ? own_name(id) : enumeration_name(id);
      if (name.empty() || (!wanted.empty() && !wanted.contains(name))) continue;
      if (is_enumeration(type.kind)) {
        add_enumeration(id);
      } else if (auto added = add_record(id, name, 0); !added) {
        return tl::unexpected(added.error());
      } else if (*added != name && !wanted.empty()) {
        return fail(name, "is the name of two different records in this BTF",
                    "extract from the headers instead");
      }
      found.insert(name);
    }
    for (const std::string_view name : wanted) {
      if (!found.contains(std::string(name))) result_.missing.emplace_back(name);
    }
    return std::move(result_);
  }

 private:
  std::string own_name(uint32_t id) const {
    if (!types_[id].name.empty()) return std::string(types_[id].name);
    const auto alias = aliases_.find(id);
    return alias == aliases_.end() ? "" : std::string(types_[alias->second].name);
  }

  std::string enumeration_name(uint32_t id) const {
    const std::string name = own_name(id);
    if (!name.empty()) return name;
    const std::vector<Value> values = types_.values(types_[id]);
    return values.empty() ? "" : "enum@" + std::string(values.front().name);
  }

  void add_enumeration(uint32_t id) {
    const Type& type = types_[id];
    abi::Enumeration enumeration;
    enumeration.name = enumeration_name(id);
    if (enumeration.name.empty()) return;
    enumeration.by_typedef = type.name.empty() && !own_name(id).empty();
    enumeration.size = type.size;
    enumeration.is_signed = type.flag;
    for (const Value& value : types_.values(type))
      enumeration.enumerators.push_back({std::string(value.name), value.value});
    result_.snapshot.enumerations.try_emplace(enumeration.name, std::move(enumeration));
  }

  // Returns the name under which the record is kept.
  Result<std::string> add_record(uint32_t id, const std::string& name, int depth) {
    if (const auto known = names_.find(id); known != names_.end()) return known->second;
    if (depth > kMaxNesting) return damaged(name, "has infinitely nested records");
    const Type& type = types_[id];
    const bool taken = result_.snapshot.records.contains(name);
    std::string kept = name;
    for (int i = 2; result_.snapshot.records.contains(kept); ++i) {
      if (i > kMaxNamesakes) return damaged(name, "is the name of more records than any kernel has");
      kept = fmt::format("{}@{}", name, i);
    }
    names_[id] = kept;
    const size_t first = order_.size();
    order_.push_back(id);
    result_.snapshot.records[kept].name = kept;  // holds the place while its fields are visited

    abi::Record record;
    record.name = kept;
    record.is_union = type.kind == Kind::union_;
    record.by_typedef = type.name.empty() && own_name(id) == name;
    record.size = type.size;
    unsigned nameless = 0;
    for (const Member& member : types_.members(type)) {
      if (member.name.empty() && member.bit_width != 0) continue;  // padding
      const std::string inner = member.name.empty() ? fmt::format("{}.@{}", kept, nameless++)
                                                    : fmt::format("{}.{}", kept, member.name);
      record.fields.push_back(TRY(make_field(member, inner, depth)));
    }
    result_.snapshot.records[kept] = std::move(record);
    if (!taken || !alike(name, kept, 0)) return kept;
    // A type that several places of the kernel saw; most of the time they saw the same one.
    for (; order_.size() > first; order_.pop_back()) {
      std::string& one = names_[order_.back()];
      if (one != kept && !one.starts_with(kept + ".")) continue;
      result_.snapshot.records.erase(one);
      one.replace(0, kept.size(), name);
    }
    return name;
  }

  // Whether two records are the same but for the names of those in them that have none of their own.
  bool alike(const std::string& left, const std::string& right, int depth) const {
    const abi::Record& a = result_.snapshot.records.at(left);
    const abi::Record& b = result_.snapshot.records.at(right);
    if (depth > kMaxNesting || a.is_union != b.is_union || a.by_typedef != b.by_typedef || a.size != b.size ||
        a.fields.size() != b.fields.size())
      return false;
    for (size_t i = 0; i < a.fields.size(); ++i) {
      abi::Field other = b.fields[i];
      other.record = a.fields[i].record;
      if (other != a.fields[i]) return false;
      const std::string& inner = b.fields[i].record;
      if (inner == other.record) continue;
      if (!inner.starts_with(right + ".") || !alike(other.record, inner, depth + 1)) return false;
    }
    return true;
  }

  static tl::unexpected<Error> damaged(const std::string& where, const std::string& what) {
    return fail(where, what, "the BTF is damaged or of another machine");
  }

  Result<abi::Field> make_field(const Member& member, const std::string& inner, int depth) {
    abi::Field field;
    field.name = std::string(member.name);
    field.offset = member.bit_offset / 8;
    field.type = spelling(types_, member.type);
    uint32_t id = types_.resolve(member.type);
    for (bool outermost = true; types_[id].kind == Kind::array; outermost = false) {
      if (field.dimensions.size() == kMaxNesting) return damaged(inner, "is an infinitely nested array");
      // BTF writes [] and [0] alike, and the kernel means the same by both.
      if (outermost && types_[id].elements == 0)
        field.flexible_array = true;
      else
        field.dimensions.push_back(types_[id].elements);
      id = types_.resolve(types_[id].to);
    }
    const std::optional<uint64_t> element = types_.size(id);
    const std::optional<uint64_t> size = types_.size(member.type);
    if (!element || !size) return damaged(inner, "has a type without a size");
    field.element_size = *element;
    field.size = field.flexible_array ? 0 : *size;
    if (member.bit_width != 0) {
      field.bit_offset = member.bit_offset % 8;
      field.bit_width = member.bit_width;
      field.size = (field.bit_offset + field.bit_width + 7) / 8;
    } else if (member.bit_offset % 8 != 0) {
      return damaged(inner, "starts within a byte");
    }
    TRY(classify(id, inner, depth, field));
    return field;
  }

  Result<void> classify(uint32_t id, const std::string& inner, int depth, abi::Field& field) {
    using abi::TypeKind;
    const Type& type = types_[id];
    if (is_record(type.kind)) {
      const std::string own = own_name(id);
      auto name = TRY(add_record(id, own.empty() ? inner : own, depth + 1));
      field.kind = TypeKind::record;
      field.record = name;
    } else if (is_enumeration(type.kind)) {
      add_enumeration(id);
      field.kind = TypeKind::enumeration;
      field.is_signed = type.flag;
    } else if (type.kind == Kind::pointer) {
      field.kind = TypeKind::pointer;
    } else if (type.kind == Kind::floating) {
      field.kind = TypeKind::floating;
    } else if (type.kind == Kind::integer) {
      // Compilers write `char` as any other integer of one byte: its name is what is left of it.
      field.kind = (type.encoding & Type::kBoolean) != 0 ? TypeKind::boolean
                   : type.name == "char"                 ? TypeKind::character
                                                         : TypeKind::integer;
      field.is_signed = (type.encoding & Type::kSigned) != 0;
    } else {
      return damaged(inner, "has a type that no field can have");
    }
    return {};
  }

  const Types& types_;
  std::map<uint32_t, uint32_t> aliases_;  // of types without a tag
  std::map<uint32_t, std::string> names_;
  std::vector<uint32_t> order_;  // ids in names_, as they were met
  Layouts result_;
};

}  // namespace

Result<Layouts> extract(const Types& types, const std::vector<std::string>& names) {
  return Extractor(types).run(names);
}

}  // namespace khover::btf
