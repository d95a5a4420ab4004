#include "abi_diff/c_asserts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "abi/integer_text.h"

namespace khover::abi_diff {
namespace {

// "outer.@0.member" is a type that C cannot name: its fields are reached through the nearest
// record above that it can. Returns how a pointer to it is cast, or "" for a nameless member.
std::string c_type(const abi::Snapshot& snapshot, const std::string& name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string::npos) {
    const abi::Record& record = snapshot.records.at(name);
    if (record.by_typedef) return name;
    return (record.is_union ? "union " : "struct ") + name;
  }
  const std::string member = name.substr(dot + 1);
  if (member.starts_with('@')) return "";
  // Members of nameless members are members of the record around them.
  std::string outer = name.substr(0, dot);
  const abi::Record& owner = snapshot.records.at(outer);
  std::string subscript;
  for (const abi::Field& field : owner.fields) {
    if (field.name != member) continue;
    for (size_t i = 0; i < field.dimensions.size() + (field.flexible_array ? 1 : 0); ++i) subscript += "[0]";
  }
  while (true) {
    const size_t last = outer.rfind('.');
    if (last == std::string::npos || outer[last + 1] != '@') break;
    outer.resize(last);
  }
  return fmt::format("__typeof__((({} *)0)->{}{})", c_type(snapshot, outer), member, subscript);
}

std::string c_integer(__int128 value) {
  if (value >= 0) return fmt::format("{}{}", abi::integer_text(value), value > 0x7fffffff ? "ULL" : "");
  if (value == static_cast<__int128>(INT64_MIN)) return "(-0x7fffffffffffffffLL - 1)";
  return fmt::format("({}{})", abi::integer_text(value), value < -0x7fffffff ? "LL" : "");
}

std::string c_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '?') {
      out += c;
    } else {
      // Octal escapes end after three digits; hexadecimal ones swallow what follows.
      out += fmt::format("\\{:03o}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out + '"';
}

class Writer {
 public:
  Writer(const abi::Snapshot& snapshot) : snapshot_(snapshot) {}

  std::string write(const std::vector<std::string>& includes) {
    line("/* Assertions of an ABI snapshot of {}, {}. Compile with -O1 or more. */", snapshot_.source.release,
         snapshot_.source.arch);
    for (const std::string& include : includes) line("#include {}", include);
    line("");
    line("#define AT(condition, what) _Static_assert(condition, what)");
    line("#define SIGNED(type) ((__typeof__(type))-1 < 1)");
    line("");
    for (const auto& [name, record] : snapshot_.records) write_record(record);
    for (const auto& [name, enumeration] : snapshot_.enumerations) write_enumeration(enumeration);
    for (const auto& [name, constant] : snapshot_.constants) write_constant(constant);
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  void write_record(const abi::Record& record) {
    const std::string type = c_type(snapshot_, record.name);
    if (type.empty()) return;  // its fields are checked with the record around it
    line("AT(sizeof({}) == {}, \"size of {}\");", type, record.size, record.name);
    if (record.alignment != 0)
      line("AT(_Alignof({}) == {}, \"alignment of {}\");", type, record.alignment, record.name);
    write_fields(type, record, record.name, 0);
    line("");
  }

  void write_fields(const std::string& type, const abi::Record& record, const std::string& owner,
                    uint64_t base) {
    for (const abi::Field& field : record.fields) {
      if (field.name.empty()) {
        auto nested = snapshot_.records.find(field.record);
        if (nested != snapshot_.records.end()) write_fields(type, nested->second, owner, base + field.offset);
      } else if (field.bit_width != 0) {
        write_bit_field(type, field, owner, base);
      } else {
        write_field(type, field, owner, base);
      }
    }
  }

  void write_field(const std::string& type, const abi::Field& field, const std::string& owner,
                   uint64_t base) {
    const std::string what = fmt::format("{}.{}", owner, field.name);
    const std::string access = fmt::format("(({} *)0)->{}", type, field.name);
    line("AT(__builtin_offsetof({}, {}) == {}, \"offset of {}\");", type, field.name, base + field.offset,
         what);
    if (!field.flexible_array) line("AT(sizeof({}) == {}, \"size of {}\");", access, field.size, what);
    std::string element = access;
    if (field.flexible_array) element += "[0]";
    for (auto bound = field.dimensions.begin(); bound != field.dimensions.end(); ++bound) {
      const bool empty = field.element_size == 0 || std::count(bound + 1, field.dimensions.end(), 0u) != 0;
      // Each bound on its own: u8[2][3] and u8[3][2] have one size. Arrays of nothing have no bound to check.
      if (!empty)
        line("AT(sizeof({}) / sizeof({}[0]) == {}, \"bound of {}\");", element, element, *bound, what);
      element += "[0]";
    }
    line("AT(sizeof({}) == {}, \"element of {}\");", element, field.element_size, what);
    if (field.kind == abi::TypeKind::integer || field.kind == abi::TypeKind::character ||
        field.kind == abi::TypeKind::enumeration) {
      line("AT(SIGNED({}) == {}, \"sign of {}\");", element, field.is_signed ? 1 : 0, what);
    }
    if (field.kind == abi::TypeKind::boolean) {
      line("AT(__builtin_types_compatible_p(__typeof__({}), _Bool) == 1, \"type of {}\");", element, what);
    }
    // Class 5 is a pointer in __builtin_classify_type of every compiler that has it.
    if (field.kind == abi::TypeKind::pointer) {
      line("AT(__builtin_classify_type({}) == 5, \"type of {}\");", element, what);
    }
  }

  // A bit-field has no offsetof: set all its bits in a constant and compare the bytes. Folded at
  // -O1; a byte that differs keeps the call to a function whose call is an error.
  void write_bit_field(const std::string& type, const abi::Field& field, const std::string& owner,
                       uint64_t base) {
    const unsigned serial = serial_++;
    line("extern void differs_{}(void) __attribute__((error(\"bits of {}.{}\")));", serial, owner,
         field.name);
    line("void check_{}(void); void check_{}(void) {{", serial, serial);
    line(
        "  static const union {{ {} record; unsigned char bytes[sizeof({})]; }} all = {{.record = {{.{} = "
        "-1}}}};",
        type, type, field.name);
    const uint64_t first_bit = (base + field.offset) * 8 + field.bit_offset;
    const uint64_t end_bit = first_bit + field.bit_width;
    std::string condition;
    // The bytes of the field and one on each side; bits elsewhere cannot be set without these.
    const uint64_t first = first_bit / 8 == 0 ? 0 : first_bit / 8 - 1;
    const uint64_t last = (end_bit + 7) / 8;
    const uint64_t size = snapshot_record_size(owner);
    for (uint64_t byte = first; byte <= last && byte < size; ++byte) {
      unsigned mask = 0;
      for (uint64_t bit = 0; bit < 8; ++bit) {
        if (byte * 8 + bit >= first_bit && byte * 8 + bit < end_bit) mask |= 1u << bit;
      }
      condition += fmt::format("{}all.bytes[{}] != {:#04x}", condition.empty() ? "" : " || ", byte, mask);
    }
    line("  if ({} || (all.record.{} < 0) != {}) differs_{}();", condition, field.name,
         field.is_signed ? 1 : 0, serial);
    line("}}");
  }

  uint64_t snapshot_record_size(const std::string& name) const { return snapshot_.records.at(name).size; }

  void write_enumeration(const abi::Enumeration& enumeration) {
    if (!enumeration.name.starts_with("enum@")) {
      const std::string type = enumeration.by_typedef ? enumeration.name : "enum " + enumeration.name;
      line("AT(sizeof({}) == {}, \"size of {}\");", type, enumeration.size, type);
    }
    for (const abi::Enumerator& enumerator : enumeration.enumerators)
      write_value(enumerator.name, enumerator.value);
  }

  void write_constant(const abi::Constant& constant) {
    if (constant.integer) write_value(constant.name, *constant.integer);
    if (constant.text) {
      const std::string text = c_string(*constant.text);
      line("AT(sizeof({}) == {}, \"length of {}\");", constant.name, constant.text->size() + 1,
           constant.name);
      line("AT(__builtin_memcmp({}, {}, {}) == 0, \"text of {}\");", constant.name, text,
           constant.text->size() + 1, constant.name);
    }
  }

  void write_value(const std::string& name, __int128 value) {
    // The sign apart: as unsigned numbers, -1 and 0xffffffff are equal.
    line("AT(({}) == {} && (({}) < 0) == {}, \"value of {}\");", name, c_integer(value), name,
         value < 0 ? 1 : 0, name);
  }

  const abi::Snapshot& snapshot_;
  std::string out_;
  unsigned serial_ = 0;
};

}  // namespace

std::string write_c_asserts(const abi::Snapshot& snapshot, const std::vector<std::string>& includes) {
  return Writer(snapshot).write(includes);
}

}  // namespace khover::abi_diff
