#include "btf/types.h"

#include <algorithm>
#include <cstring>

namespace khover::btf {
namespace {

constexpr uint16_t kMagic = 0xeb9f;
constexpr uint32_t kHeaderBytes = 24;
// More qualifiers, arrays of arrays or records in records than any compiler writes.
constexpr int kMaxDepth = 64;
constexpr size_t kMaxName = 512;        // KSYM_NAME_LEN; sections may share one endless string
constexpr int kMaxNesting = 8;          // records without a name in records
constexpr size_t kMaxSought = 1 << 16;  // members looked at for one field

template <typename T>
T number(std::span<const std::byte> bytes, size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof(T));  // x86_64 and arm64 hosts are little-endian
  return value;
}

// Bytes after the three words that every type has; `members` is the count in its second word.
std::optional<uint64_t> trailing_bytes(uint32_t kind, uint64_t members) {
  switch (kind) {
    case 1:   // integer: encoding
    case 14:  // variable: linkage
    case 17:  // tag of a declaration: component
      return 4;
    case 3:  // array: {type, index type, elements}
      return 12;
    case 4:   // struct: {name, type, offset}
    case 5:   // union
    case 15:  // section of data: {type, offset, size}
    case 19:  // enumeration: {name, low, high}
      return 12 * members;
    case 6:   // enumeration: {name, value}
    case 13:  // prototype: {name, type}
      return 8 * members;
    case 2:   // pointer
    case 7:   // forward declaration
    case 8:   // typedef
    case 9:   // volatile
    case 10:  // const
    case 11:  // restrict
    case 12:  // function
    case 16:  // floating
    case 18:  // tag of a type
      return 0;
    default:
      return std::nullopt;
  }
}

Kind kind_of(uint32_t number) {
  switch (number) {
    case 7:
    case 12:
    case 13:
    case 14:
    case 15:
    case 17:
      return Kind::other;
    default:
      return static_cast<Kind>(number);
  }
}

bool leads_on(Kind kind) {
  return kind == Kind::alias || kind == Kind::volatile_ || kind == Kind::const_ || kind == Kind::restrict_ ||
         kind == Kind::type_tag;
}

bool is_record(const Type& type) { return type.kind == Kind::structure || type.kind == Kind::union_; }

}  // namespace

Result<Types> Types::read(std::vector<std::byte> bytes, const std::string& where) {
  Types types;
  types.bytes_ = std::move(bytes);
  const std::span<const std::byte> all = types.bytes_;
  const auto damaged = [&](const char* what) {
    return fail(where, std::string("cannot be read as BTF: ") + what,
                "name /sys/kernel/btf/vmlinux, or an ELF file with a .BTF section");
  };
  if (all.size() < kHeaderBytes) return damaged("it has no header");
  if (number<uint16_t>(all, 0) != kMagic) {
    return damaged(number<uint16_t>(all, 0) == 0x9feb ? "it is big-endian" : "it has another magic number");
  }
  if (number<uint8_t>(all, 2) != 1) return damaged("its version is not 1");
  const uint64_t header = number<uint32_t>(all, 4);
  const uint64_t types_at = header + number<uint32_t>(all, 8), types_size = number<uint32_t>(all, 12);
  const uint64_t strings_at = header + number<uint32_t>(all, 16), strings_size = number<uint32_t>(all, 20);
  if (header < kHeaderBytes || types_at + types_size > all.size() || strings_at + strings_size > all.size())
    return damaged("its sections are past its end");
  if (strings_size == 0 || all[strings_at + strings_size - 1] != std::byte{0})
    return damaged("its strings are not NUL-terminated");
  types.section_ = all.subspan(types_at, types_size);
  types.strings_ = {reinterpret_cast<const char*>(all.data() + strings_at), strings_size};

  types.types_.emplace_back();  // void
  for (uint64_t at = 0; at < types_size;) {
    if (types_size - at < 12) return damaged("a type is truncated");
    const uint32_t info = types.word(static_cast<uint32_t>(at) + 4);
    const uint32_t last = types.word(static_cast<uint32_t>(at) + 8);
    const uint32_t kind = info >> 24 & 0x1f;
    Type type;
    type.kind = kind_of(kind);
    type.flag = info >> 31 != 0;
    type.name = types.name_at(types.word(static_cast<uint32_t>(at)));
    type.at = static_cast<uint32_t>(at + 12);
    const std::optional<uint64_t> trailing = trailing_bytes(kind, info & 0xffff);
    if (!trailing) return damaged("it has an unknown kind of type");
    if (*trailing > types_size - at - 12) return damaged("a type is truncated");
    if (is_record(type) || type.kind == Kind::enumeration || type.kind == Kind::enumeration64)
      type.members = info & 0xffff;
    if (leads_on(type.kind) || type.kind == Kind::pointer)
      type.to = last;
    else
      type.size = last;
    if (type.kind == Kind::integer) type.encoding = types.word(type.at) >> 24 & 0xf;
    if (type.kind == Kind::array) {
      type.to = types.word(type.at);
      type.elements = types.word(type.at + 8);
    }
    types.types_.push_back(type);
    at += 12 + *trailing;
  }
  return types;
}

uint32_t Types::word(uint32_t at) const { return number<uint32_t>(section_, at); }

std::string_view Types::name_at(uint32_t offset) const {
  if (offset >= strings_.size()) return {};
  const std::string_view rest = strings_.substr(offset, kMaxName);
  return rest.substr(0, rest.find('\0'));
}

std::vector<Member> Types::members(const Type& record) const {
  std::vector<Member> members;
  if (!is_record(record)) return members;
  members.reserve(record.members);
  for (uint32_t i = 0; i < record.members; ++i) members.push_back(member(record, i));
  return members;
}

Member Types::member(const Type& record, uint32_t index) const {
  const uint32_t at = record.at + 12 * index;
  const uint32_t offset = word(at + 8);
  return {name_at(word(at)), word(at + 4), record.flag ? offset & 0xffffff : offset,
          record.flag ? offset >> 24 : 0};
}

std::vector<Value> Types::values(const Type& enumeration) const {
  std::vector<Value> values;
  for (uint32_t i = 0; i < enumeration.members && !is_record(enumeration); ++i) {
    const bool wide = enumeration.kind == Kind::enumeration64;
    const uint32_t at = enumeration.at + (wide ? 12 : 8) * i;
    const uint64_t low = word(at + 4);
    if (wide) {
      const uint64_t bits = low | uint64_t{word(at + 8)} << 32;
      values.push_back({name_at(word(at)), enumeration.flag ? __int128{static_cast<int64_t>(bits)} : bits});
    } else {
      values.push_back({name_at(word(at)),
                        enumeration.flag ? __int128{static_cast<int32_t>(low)} : static_cast<__int128>(low)});
    }
  }
  return values;
}

uint32_t Types::resolve(uint32_t id) const {
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const Type& type = (*this)[id];
    if (!leads_on(type.kind)) return id < count() ? id : 0;
    id = type.to;
  }
  return 0;
}

std::optional<uint64_t> Types::size(uint32_t id) const {
  unsigned __int128 elements = 1;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const Type& type = (*this)[resolve(id)];
    uint64_t one = 0;
    switch (type.kind) {
      case Kind::array:
        elements *= type.elements;
        if (elements >> 64 != 0) return std::nullopt;
        id = type.to;
        continue;
      case Kind::pointer:
        one = 8;  // kernels of 64 bits
        break;
      case Kind::integer:
      case Kind::structure:
      case Kind::union_:
      case Kind::enumeration:
      case Kind::enumeration64:
      case Kind::floating:
        one = type.size;
        break;
      default:
        return std::nullopt;
    }
    elements *= one;
    if (elements >> 64 != 0) return std::nullopt;
    return static_cast<uint64_t>(elements);
  }
  return std::nullopt;
}

std::optional<uint32_t> Types::record(std::string_view name) const {
  for (uint32_t id = 1; id < count(); ++id) {
    if (types_[id].kind == Kind::structure && types_[id].members > 0 && types_[id].name == name) return id;
  }
  return std::nullopt;
}

std::optional<Member> Types::find_member(const Type& record, std::string_view name, int depth,
                                         size_t& left) const {
  if (!is_record(record) || depth == kMaxNesting) return std::nullopt;
  for (uint32_t i = 0; i < record.members; ++i) {
    if (left == 0) return std::nullopt;
    --left;
    const Member one = member(record, i);
    if (one.name == name) return one;
    if (!one.name.empty() || one.bit_width != 0) continue;
    std::optional<Member> inner = find_member((*this)[resolve(one.type)], name, depth + 1, left);
    if (!inner) continue;
    inner->bit_offset += one.bit_offset;
    return inner;
  }
  return std::nullopt;
}

std::optional<Place> Types::field(uint32_t record, std::string_view path) const {
  uint64_t offset = 0;
  uint32_t type = record;
  size_t left = kMaxSought;
  while (true) {
    const size_t dot = std::min(path.find('.'), path.size());
    const std::optional<Member> member = find_member((*this)[resolve(type)], path.substr(0, dot), 0, left);
    if (!member || member->bit_width != 0 || member->bit_offset % 8 != 0) return std::nullopt;
    offset += member->bit_offset / 8;
    type = member->type;
    if (dot == path.size()) break;
    path.remove_prefix(dot + 1);
  }
  const std::optional<uint64_t> bytes = size(type);
  if (!bytes || *bytes == 0) return std::nullopt;
  return Place{offset, *bytes};
}

}  // namespace khover::btf
