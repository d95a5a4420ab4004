// Reads what snapshot_writer.cpp writes, and trusts none of it: whoever reads an image through a
// snapshot relies on fields that are inside their record and on records that end.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

#include "abi/integer_text.h"
#include "abi/snapshot.h"
#include "abi/type_kind_names.h"
#include "error/try.h"
#include "yaml/tree.h"

namespace khover::abi {
namespace {

constexpr uint32_t max_nesting = 64;
constexpr uint64_t max_bytes = uint64_t{1} << 48;  // of one record: keeps every sum below far from wrapping

// Leaves this file as an Error.
struct Malformed {
  const yaml::Node* node;
  std::string what;
};

[[noreturn]] void refuse(const yaml::Node& node, std::string what) {
  throw Malformed{&node, std::move(what)};
}

const char* name_of(yaml::Node::Kind kind) {
  switch (kind) {
    case yaml::Node::Kind::null:
      return "nothing";
    case yaml::Node::Kind::scalar:
      return "a word";
    case yaml::Node::Kind::sequence:
      return "a list";
    case yaml::Node::Kind::map:
      return "a map";
  }
  return "something else";
}

void expect(const yaml::Node& node, yaml::Node::Kind kind, std::string_view what) {
  if (node.kind != kind) {
    refuse(node, fmt::format("{} must be {}, found {}", what, name_of(kind), name_of(node.kind)));
  }
}

// A map with known keys: every key is read once, the rest is an error.
class Map {
 public:
  Map(const yaml::Node& node, std::string_view what) : node_(node), what_(what), taken_(node.keys.size()) {
    expect(node, yaml::Node::Kind::map, what);
  }

  const yaml::Node* optional(std::string_view key) {
    for (size_t i = 0; i < node_.keys.size(); ++i) {
      if (node_.keys[i] == key) {
        taken_[i] = true;
        return &node_.items[i];
      }
    }
    return nullptr;
  }

  const yaml::Node& required(std::string_view key) {
    const yaml::Node* value = optional(key);
    if (value == nullptr) refuse(node_, fmt::format("{} has no '{}'", what_, key));
    return *value;
  }

  void finish() const {
    for (size_t i = 0; i < taken_.size(); ++i) {
      if (!taken_[i]) refuse(node_.items[i], fmt::format("unknown key '{}' in {}", node_.keys[i], what_));
    }
  }

 private:
  const yaml::Node& node_;
  std::string_view what_;
  std::vector<bool> taken_;
};

std::string text_of(const yaml::Node& node, std::string_view what) {
  expect(node, yaml::Node::Kind::scalar, what);
  return node.text;
}

__int128 integer_of(const yaml::Node& node, std::string_view what) {
  expect(node, yaml::Node::Kind::scalar, what);
  const std::optional<__int128> value = node.quoted ? std::nullopt : parse_integer(node.text);
  if (!value) refuse(node, fmt::format("{} must be an integer, found '{}'", what, node.text));
  return *value;
}

uint64_t number_of(const yaml::Node& node, std::string_view what, uint64_t limit) {
  const __int128 value = integer_of(node, what);
  if (value < 0 || value > static_cast<__int128>(limit)) {
    refuse(node, fmt::format("{} must be between 0 and {}", what, limit));
  }
  return static_cast<uint64_t>(value);
}

bool flag_of(const yaml::Node* node, std::string_view what) {
  if (node == nullptr) return false;
  const std::string text = text_of(*node, what);
  if (node->quoted || (text != "true" && text != "false")) {
    refuse(*node, fmt::format("{} must be true or false", what));
  }
  return text == "true";
}

std::vector<std::string> words_of(const yaml::Node& node, std::string_view what) {
  expect(node, yaml::Node::Kind::sequence, what);
  std::vector<std::string> words;
  for (const yaml::Node& item : node.items) words.push_back(text_of(item, what));
  return words;
}

void read_place(const yaml::Node* node, std::string& file, uint32_t& line) {
  if (node == nullptr) return;
  const std::string text = text_of(*node, "'at'");
  const size_t colon = text.rfind(':');
  const auto number = colon == std::string::npos ? std::nullopt : parse_integer(text.substr(colon + 1));
  if (!number || *number < 0 || *number > std::numeric_limits<uint32_t>::max()) {
    refuse(*node, "'at' must be file:line");
  }
  file = text.substr(0, colon);
  line = static_cast<uint32_t>(*number);
}

std::string bytes_of(const yaml::Node& node) {
  const std::string text = text_of(node, "'bytes'");
  if (text.size() % 2 != 0) refuse(node, "'bytes' must have two hexadecimal digits per byte");
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const std::optional<__int128> value = parse_integer("0x" + text.substr(i, 2));
    if (!value) refuse(node, "'bytes' must have two hexadecimal digits per byte");
    bytes += static_cast<char>(static_cast<unsigned char>(*value));
  }
  return bytes;
}

Source read_source(const yaml::Node& node) {
  Map map(node, "'source'");
  Source source;
  source.release = text_of(map.required("release"), "'release'");
  source.arch = text_of(map.required("arch"), "'arch'");
  const yaml::Node& page_size = map.required("page_size");
  source.page_size = number_of(page_size, "'page_size'", uint64_t{1} << 30);
  if ((source.page_size & (source.page_size - 1)) != 0)
    refuse(page_size, "'page_size' must be a power of two");
  source.pointer_size = static_cast<uint32_t>(number_of(map.required("pointer_size"), "'pointer_size'", 16));
  const yaml::Node& endian = map.required("endian");
  const std::string order = text_of(endian, "'endian'");
  if (order != "little" && order != "big") refuse(endian, "'endian' must be little or big");
  source.little_endian = order == "little";
  source.headers = words_of(map.required("headers"), "'headers'");
  source.configuration = words_of(map.required("configuration"), "'configuration'");
  if (const yaml::Node* layouts = map.optional("layouts"))
    source.layouts_from = text_of(*layouts, "'layouts'");
  if (const yaml::Node* constants = map.optional("constants"))
    source.constants_from = text_of(*constants, "'constants'");
  map.finish();
  return source;
}

void check_extent(const yaml::Node& node, const Field& field, const Record& record) {
  uint64_t end = 0;
  if (__builtin_add_overflow(field.offset, field.size, &end) || end > record.size) {
    refuse(node,
           fmt::format("field '{}' ends past the {} bytes of '{}'", field.name, record.size, record.name));
  }
  if (field.bit_width != 0) {
    if ((field.bit_offset + field.bit_width + 7) / 8 != field.size) {
      refuse(node, fmt::format("the bits of field '{}' do not fill {} bytes", field.name, field.size));
    }
    return;
  }
  uint64_t bytes = field.element_size;
  for (uint64_t bound : field.dimensions) {
    if (__builtin_mul_overflow(bytes, bound, &bytes)) refuse(node, "array bounds overflow");
  }
  if (!field.flexible_array && bytes != field.size) {
    refuse(node, fmt::format("field '{}' has {} bytes, its elements {}", field.name, field.size, bytes));
  }
}

Field read_field(const yaml::Node& node, const Record& record) {
  Map map(node, "a field");
  Field field;
  field.name = text_of(map.required("name"), "'name'");
  field.offset = number_of(map.required("offset"), "'offset'", max_bytes);
  if (const yaml::Node* bits = map.optional("bits")) {
    expect(*bits, yaml::Node::Kind::sequence, "'bits'");
    if (bits->items.size() != 2) refuse(*bits, "'bits' must be [first bit, width]");
    field.bit_offset = static_cast<uint32_t>(number_of(bits->items[0], "the first bit", 7));
    field.bit_width = static_cast<uint32_t>(number_of(bits->items[1], "the width", 128));
    if (field.bit_width == 0) refuse(*bits, "a bit-field has at least one bit");
  }
  field.size = number_of(map.required("size"), "'size'", max_bytes);
  const yaml::Node& kind = map.required("kind");
  const std::optional<TypeKind> known = type_kind(text_of(kind, "'kind'"));
  if (!known) refuse(kind, fmt::format("'{}' is not a kind of type", kind.text));
  field.kind = *known;
  field.is_signed = flag_of(map.optional("signed"), "'signed'");
  if (const yaml::Node* dimensions = map.optional("dimensions")) {
    expect(*dimensions, yaml::Node::Kind::sequence, "'dimensions'");
    for (const yaml::Node& bound : dimensions->items) {
      field.dimensions.push_back(number_of(bound, "an array bound", max_bytes));
    }
  }
  field.flexible_array = flag_of(map.optional("flexible"), "'flexible'");
  field.element_size = field.size;
  if (const yaml::Node* element = map.optional("element")) {
    field.element_size = number_of(*element, "'element'", max_bytes);
  }
  if (const yaml::Node* nested = map.optional("record")) field.record = text_of(*nested, "'record'");
  field.type = text_of(map.required("type"), "'type'");
  map.finish();
  if ((field.kind == TypeKind::record) != !field.record.empty()) {
    refuse(node, fmt::format("field '{}' needs both or neither of kind record and 'record'", field.name));
  }
  check_extent(node, field, record);
  return field;
}

Record read_record(const std::string& name, const yaml::Node& node, bool may_lack_alignment) {
  Map map(node, "a record");
  Record record;
  record.name = name;
  record.is_union = flag_of(map.optional("union"), "'union'");
  record.by_typedef = flag_of(map.optional("typedef"), "'typedef'");
  record.size = number_of(map.required("size"), "'size'", max_bytes);
  if (const yaml::Node* alignment = map.optional("alignment")) {
    record.alignment = number_of(*alignment, "'alignment'", max_bytes);
    if (record.alignment == 0 || (record.alignment & (record.alignment - 1)) != 0)
      refuse(*alignment, "'alignment' must be a power of two");
  } else if (!may_lack_alignment) {
    refuse(node, "a record has no 'alignment'");
  }
  record.packed = flag_of(map.optional("packed"), "'packed'");
  read_place(map.optional("at"), record.file, record.line);
  if (const yaml::Node* doc = map.optional("doc")) record.doc_hash = text_of(*doc, "'doc'");
  if (const yaml::Node* versions = map.optional("doc_versions")) {
    record.doc_versions = words_of(*versions, "'doc_versions'");
  }
  const yaml::Node& fields = map.required("fields");
  expect(fields, yaml::Node::Kind::sequence, "'fields'");
  std::set<std::string_view> names;
  record.fields.reserve(fields.items.size());  // names points into it
  for (const yaml::Node& item : fields.items) {
    record.fields.push_back(read_field(item, record));
    const Field& field = record.fields.back();
    if (!field.name.empty() && !names.insert(field.name).second) {
      refuse(item, fmt::format("duplicate field '{}'", field.name));
    }
  }
  map.finish();
  return record;
}

Enumeration read_enumeration(const std::string& name, const yaml::Node& node) {
  Map map(node, "an enumeration");
  Enumeration enumeration;
  enumeration.name = name;
  enumeration.size = number_of(map.required("size"), "'size'", 16);
  enumeration.is_signed = flag_of(map.optional("signed"), "'signed'");
  enumeration.by_typedef = flag_of(map.optional("typedef"), "'typedef'");
  read_place(map.optional("at"), enumeration.file, enumeration.line);
  const yaml::Node& enumerators = map.required("enumerators");
  expect(enumerators, yaml::Node::Kind::sequence, "'enumerators'");
  for (const yaml::Node& item : enumerators.items) {
    Map entry(item, "an enumerator");
    Enumerator enumerator;
    enumerator.name = text_of(entry.required("name"), "'name'");
    enumerator.value = integer_of(entry.required("value"), "'value'");
    entry.finish();
    enumeration.enumerators.push_back(std::move(enumerator));
  }
  map.finish();
  return enumeration;
}

Constant read_constant(const std::string& name, const yaml::Node& node) {
  Map map(node, "a constant");
  Constant constant;
  constant.name = name;
  if (const yaml::Node* integer = map.optional("integer"))
    constant.integer = integer_of(*integer, "'integer'");
  if (const yaml::Node* text = map.optional("text")) constant.text = text_of(*text, "'text'");
  if (const yaml::Node* bytes = map.optional("bytes")) {
    if (constant.text) refuse(*bytes, "a constant has 'text' or 'bytes', not both");
    constant.text = bytes_of(*bytes);
  }
  if (constant.integer.has_value() == constant.text.has_value()) {
    refuse(node, fmt::format("constant '{}' must be an integer or a text", name));
  }
  read_place(map.optional("at"), constant.file, constant.line);
  map.finish();
  return constant;
}

// Nested records exist, have the size that their field claims, and end.
class NestingCheck {
 public:
  NestingCheck(const Snapshot& snapshot, const yaml::Node& records) : snapshot_(snapshot), nodes_(records) {}

  void run() {
    for (const auto& [name, record] : snapshot_.records) depth_of(record, 0);
  }

 private:
  uint32_t depth_of(const Record& record, uint32_t above) {
    if (auto known = depths_.find(&record); known != depths_.end()) {
      if (above + known->second > max_nesting) too_deep(record);
      return known->second;
    }
    if (above > max_nesting) too_deep(record);
    uint32_t depth = 0;
    for (const Field& field : record.fields) {
      if (field.kind != TypeKind::record) continue;
      auto nested = snapshot_.records.find(field.record);
      if (nested == snapshot_.records.end()) {
        refuse(node_of(record), fmt::format("field '{}' of '{}' has the unknown record '{}'", field.name,
                                            record.name, field.record));
      }
      if (nested->second.size != field.element_size) {
        refuse(node_of(record),
               fmt::format("field '{}' of '{}' has elements of {} bytes, '{}' has {}", field.name,
                           record.name, field.element_size, field.record, nested->second.size));
      }
      depth = std::max(depth, 1 + depth_of(nested->second, above + 1));
    }
    depths_.emplace(&record, depth);
    return depth;
  }

  [[noreturn]] void too_deep(const Record& record) const {
    refuse(node_of(record), fmt::format("record '{}' is part of records nested deeper than {} levels",
                                        record.name, max_nesting));
  }

  const yaml::Node& node_of(const Record& record) const {
    for (size_t i = 0; i < nodes_.keys.size(); ++i) {
      if (nodes_.keys[i] == record.name) return nodes_.items[i];
    }
    return nodes_;
  }

  const Snapshot& snapshot_;
  const yaml::Node& nodes_;
  std::map<const Record*, uint32_t> depths_;
};

template <typename T, typename Read>
void read_section(const yaml::Node& node, std::string_view what, std::map<std::string, T>& into, Read read) {
  expect(node, yaml::Node::Kind::map, what);
  for (size_t i = 0; i < node.keys.size(); ++i) into.emplace(node.keys[i], read(node.keys[i], node.items[i]));
}

Snapshot read_root(const yaml::Node& root) {
  Map map(root, "a snapshot");
  const yaml::Node& format = map.required("format");
  if (integer_of(format, "'format'") != 1) refuse(format, "khover reads snapshots of format 1");
  Snapshot snapshot;
  snapshot.source = read_source(map.required("source"));
  const yaml::Node& records = map.required("records");
  const bool from_btf = !snapshot.source.layouts_from.empty();
  read_section(records, "'records'", snapshot.records,
               [from_btf](const std::string& name, const yaml::Node& node) {
                 return read_record(name, node, from_btf);
               });
  read_section(map.required("enumerations"), "'enumerations'", snapshot.enumerations, read_enumeration);
  read_section(map.required("constants"), "'constants'", snapshot.constants, read_constant);
  const yaml::Node& versions = map.required("documented_versions");
  expect(versions, yaml::Node::Kind::sequence, "'documented_versions'");
  for (const yaml::Node& item : versions.items) {
    Map entry(item, "a documented version");
    DocumentedVersion version;
    version.text = text_of(entry.required("text"), "'text'");
    read_place(&entry.required("at"), version.file, version.line);
    entry.finish();
    snapshot.documented_versions.push_back(std::move(version));
  }
  map.finish();
  NestingCheck(snapshot, records).run();
  return snapshot;
}

}  // namespace

Result<Snapshot> read_snapshot(const std::string& text, const std::string& name) {
  return read_snapshot(TRY(yaml::read(text, name)), name);
}

Result<Snapshot> read_snapshot(const yaml::Node& root, const std::string& name) {
  try {
    return read_root(root);
  } catch (const Malformed& malformed) {
    return fail(yaml::position(name, *malformed.node), malformed.what,
                "extract the snapshot again with khover-abi extract");
  }
}

}  // namespace khover::abi
