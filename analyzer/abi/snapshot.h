// The serialized ABI of one kernel tree, as clang saw it: layouts, constants
// and strings. Nothing in here is typed in by hand; extract/ fills it from
// headers, and the shipped ones are read back from rules/abi/*.yaml.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "yaml/tree.h"

namespace khover::abi {

enum class TypeKind { integer, boolean, character, enumeration, pointer, floating, record };

struct Field {
  std::string name;  // empty for an anonymous struct or union member
  uint64_t offset =
      0;  // bytes from the start of the record; of a bit-field: of the byte that holds its first bit
  uint32_t bit_offset = 0;  // bit-fields: first bit, counted from bit 0 of the byte at `offset`
  uint32_t bit_width = 0;   // bits; 0 when the field is not a bit-field
  uint64_t size = 0;  // bytes of the whole field, arrays included (of a bit-field: the bytes that its bits
                      // touch, from `offset` on); 0 for a flexible array
  TypeKind kind = TypeKind::integer;  // of the element, for arrays
  bool is_signed = false;             // integers and enumerations
  uint64_t element_size = 0;          // bytes of one element (of the storage unit, for a bit-field)
  std::string type;                   // spelling in the header
  std::string record;                 // kind record: its name in Snapshot::records
  std::vector<uint64_t> dimensions;   // array bounds, outermost first; empty for a scalar
  bool flexible_array = false;        // [] or a trailing [0]; `dimensions` then holds the inner bounds only

  bool operator==(const Field&) const = default;
};

struct Record {
  std::string name;  // tag; "outer.member" where the type itself has no name, "outer.@0" for the first
                     // member of outer that has no name either
  bool is_union = false;
  bool by_typedef = false;  // `name` is a typedef's name, the type has no tag
  bool packed = false;
  uint64_t size = 0;       // bytes
  uint64_t alignment = 0;  // bytes; 0: not known, nor is `packed` (BTF)
  std::string file;        // relative to the tree
  uint32_t line = 0;
  std::string doc_hash;  // of its kernel-doc text, "" without one; the text itself is never kept
  std::vector<std::string> doc_versions;  // version strings that the kernel-doc names
  std::vector<Field> fields;  // in the order of the header; unnamed bit-fields are padding and left out

  bool operator==(const Record&) const = default;
};

struct Enumerator {
  std::string name;
  __int128 value = 0;

  bool operator==(const Enumerator&) const = default;
};

struct Enumeration {
  std::string name;   // tag or typedef name; "enum@file:line" where there is none
  uint64_t size = 0;  // bytes
  bool is_signed = false;
  bool by_typedef = false;  // `name` is a typedef's name, the type has no tag
  std::string file;
  uint32_t line = 0;
  std::vector<Enumerator> enumerators;

  bool operator==(const Enumeration&) const = default;
};

// A macro of the listed headers that is an integer constant expression or a string.
struct Constant {
  std::string name;
  std::optional<__int128> integer;
  std::optional<std::string> text;
  std::string file;
  uint32_t line = 0;

  bool operator==(const Constant&) const = default;
};

struct Source {
  std::string release;        // as the tree names itself, e.g. "7.3.4+deb13-amd64"
  std::string arch;           // "x86_64" or "arm64"
  uint64_t page_size = 0;     // bytes
  uint32_t pointer_size = 0;  // bytes
  bool little_endian = true;
  std::vector<std::string> headers;        // relative to the tree, sorted
  std::vector<std::string> configuration;  // overrides given at extraction, "CONFIG_X=y"
  std::string layouts_from;                // "BTF"; empty: headers
  std::string constants_from;              // the snapshot that they were taken over from; empty: headers

  bool operator==(const Source&) const = default;
};

// A version string that the text of a header documents ("kho-v3" in a DOC block), file and line.
struct DocumentedVersion {
  std::string text;
  std::string file;
  uint32_t line = 0;

  bool operator==(const DocumentedVersion&) const = default;
};

struct Snapshot {
  Source source;
  std::map<std::string, Record> records;
  std::map<std::string, Enumeration> enumerations;
  std::map<std::string, Constant> constants;  // macros
  std::vector<DocumentedVersion> documented_versions;

  // Value of a macro or an enumerator, whichever the headers define; nullopt when neither.
  std::optional<__int128> integer(const std::string& name) const;
  std::optional<std::string> text(const std::string& name) const;

  bool operator==(const Snapshot&) const = default;
};

// Snapshot file (YAML), see docs/abi-snapshot.md. Errors name file, line and column.
Result<Snapshot> read_snapshot(const std::string& text, const std::string& name);
Result<Snapshot> read_snapshot(const yaml::Node& root, const std::string& name);
std::string write_snapshot(const Snapshot& snapshot);

}  // namespace khover::abi
