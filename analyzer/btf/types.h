// BTF, the type information that a kernel carries of itself (include/uapi/linux/btf.h). Read from dumps
// and from files of strangers: every offset, id and count is held against the bytes that are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/error.h"

namespace khover::btf {

// As BTF numbers them; those that no layout needs are `other`.
enum class Kind : uint8_t {
  none = 0,  // void
  integer = 1,
  pointer = 2,
  array = 3,
  structure = 4,
  union_ = 5,
  enumeration = 6,
  alias = 8,  // typedef
  volatile_ = 9,
  const_ = 10,
  restrict_ = 11,
  floating = 16,
  type_tag = 18,
  enumeration64 = 19,
  other = 255,
};

struct Type {
  Kind kind = Kind::none;
  bool flag = false;      // of records: members have widths; of enumerations: signed
  uint32_t size = 0;      // bytes, of integers, records, enumerations and floats
  uint32_t to = 0;        // pointer, alias, qualifier: the type it leads to; array: of its elements
  uint32_t elements = 0;  // array
  uint32_t members = 0;   // records and enumerations
  uint32_t encoding = 0;  // integers: bits as below
  std::string_view name;
  uint32_t at = 0;  // of the members' first byte, in the section of types

  static constexpr uint32_t kSigned = 1, kCharacter = 2, kBoolean = 4;
};

struct Member {
  std::string_view name;
  uint32_t type = 0;
  uint32_t bit_offset = 0;  // from the start of the record
  uint32_t bit_width = 0;   // 0: no bit-field
};

struct Value {
  std::string_view name;
  __int128 value = 0;
};

// Bytes of a field of a record, from the start of the record.
struct Place {
  uint64_t offset = 0;
  uint64_t size = 0;
};

class Types {
 public:
  // A whole BTF section. `where` names it in errors.
  static Result<Types> read(std::vector<std::byte> section, const std::string& where);

  // Ids are 0 (void) to count() - 1; an id that a hostile section made up is void.
  uint32_t count() const { return static_cast<uint32_t>(types_.size()); }
  const Type& operator[](uint32_t id) const { return types_[id < types_.size() ? id : 0]; }

  // Of records, and of enumerations.
  std::vector<Member> members(const Type& record) const;
  std::vector<Value> values(const Type& enumeration) const;

  // The type that aliases and qualifiers lead to; 0 when they are cyclic.
  uint32_t resolve(uint32_t id) const;
  // Bytes; nothing for void, functions and types that contain themselves.
  std::optional<uint64_t> size(uint32_t id) const;

  // The first struct of that name that has members.
  std::optional<uint32_t> record(std::string_view name) const;
  // "outer.inner": a field by its path; members of members without a name count as its own. Of a
  // bit-field there is no place.
  std::optional<Place> field(uint32_t record, std::string_view path) const;

 private:
  Member member(const Type& record, uint32_t index) const;
  std::optional<Member> find_member(const Type& record, std::string_view name, int depth, size_t& left) const;
  std::string_view name_at(uint32_t offset) const;  // empty when there is none
  uint32_t word(uint32_t at) const;

  std::vector<std::byte> bytes_;
  std::span<const std::byte> section_;  // the types
  std::string_view strings_;            // ends in a NUL
  std::vector<Type> types_;
};

}  // namespace khover::btf
