// The snapshot file: one line per field, enumerator and constant, so that two snapshots diff by
// lines. Defaults are left out. snapshot_reader.cpp reads exactly these keys.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "abi/integer_text.h"
#include "abi/snapshot.h"
#include "abi/type_kind_names.h"

namespace khover::abi {
namespace {

bool is_plain(std::string_view text) {
  // Words that a YAML reader takes for null, a boolean or a number are quoted like anything unusual.
  static constexpr std::array<std::string_view, 14> reserved = {"null", "Null",  "NULL",  "true",  "True",
                                                                "TRUE", "false", "False", "FALSE", "yes",
                                                                "no",   "on",    "off",   "y"};
  if (text.empty() || text.back() == ' ' || text.back() == ':') return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!letter(text.front())) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool spaced = c == ' ' && text[i - 1] == ':';
    if (spaced ||
        !(letter(c) || digit(c) || std::string_view(" ./+-@:=*").find(c) != std::string_view::npos)) {
      return false;
    }
  }
  return std::find(reserved.begin(), reserved.end(), text) == reserved.end();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string scalar(std::string_view text) { return is_plain(text) ? std::string(text) : quoted(text); }

std::string place(const std::string& file, uint32_t line) { return scalar(fmt::format("{}:{}", file, line)); }

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// A list of short words on one line: [a, b].
template <typename List, typename Print>
std::string flow(const List& list, Print print) {
  std::string out = "[";
  for (const auto& item : list) {
    if (out.size() > 1) out += ", ";
    out += print(item);
  }
  return out + "]";
}

class Writer {
 public:
  std::string write(const Snapshot& snapshot) {
    line("# ABI snapshot of khover. Written by khover-abi extract; extract again instead of editing.");
    line("format: 1");
    write_source(snapshot.source);
    section("records", snapshot.records.empty());
    for (const auto& [key, record] : snapshot.records) write_record(record);
    section("enumerations", snapshot.enumerations.empty());
    for (const auto& [key, enumeration] : snapshot.enumerations) write_enumeration(enumeration);
    section("constants", snapshot.constants.empty());
    for (const auto& [key, constant] : snapshot.constants) write_constant(constant);
    section("documented_versions", snapshot.documented_versions.empty(), "[]");
    for (const DocumentedVersion& version : snapshot.documented_versions) {
      line("  - {{text: {}, at: {}}}", quoted(version.text), place(version.file, version.line));
    }
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  void section(std::string_view name, bool empty, std::string_view nothing = "{}") {
    if (empty) {
      line("{}: {}", name, nothing);
    } else {
      line("{}:", name);
    }
  }

  void write_list(std::string_view key, const std::vector<std::string>& list) {
    if (list.empty()) {
      line("  {}: []", key);
      return;
    }
    line("  {}:", key);
    for (const std::string& item : list) line("    - {}", scalar(item));
  }

  void write_source(const Source& source) {
    line("source:");
    line("  release: {}", scalar(source.release));
    line("  arch: {}", scalar(source.arch));
    line("  page_size: {}", source.page_size);
    line("  pointer_size: {}", source.pointer_size);
    line("  endian: {}", source.little_endian ? "little" : "big");
    write_list("headers", source.headers);
    write_list("configuration", source.configuration);
    if (!source.layouts_from.empty()) line("  layouts: {}", scalar(source.layouts_from));
    if (!source.constants_from.empty()) line("  constants: {}", scalar(source.constants_from));
  }

  void write_place(const std::string& file, uint32_t at_line) {
    if (!file.empty() || at_line != 0) line("    at: {}", place(file, at_line));
  }

  void write_record(const Record& record) {
    line("  {}:", scalar(record.name));
    if (record.is_union) line("    union: true");
    if (record.by_typedef) line("    typedef: true");
    line("    size: {}", record.size);
    if (record.alignment != 0) line("    alignment: {}", record.alignment);
    if (record.packed) line("    packed: true");
    write_place(record.file, record.line);
    if (!record.doc_hash.empty()) line("    doc: {}", quoted(record.doc_hash));
    if (!record.doc_versions.empty()) line("    doc_versions: {}", flow(record.doc_versions, quoted));
    if (record.fields.empty()) {
      line("    fields: []");
      return;
    }
    line("    fields:");
    for (const Field& field : record.fields) write_field(field);
  }

  void write_field(const Field& field) {
    std::string text = fmt::format("name: {}, offset: {}", scalar(field.name), field.offset);
    const auto add = [&](std::string_view key, const std::string& value) {
      text += fmt::format(", {}: {}", key, value);
    };
    if (field.bit_width != 0 || field.bit_offset != 0) {
      add("bits", fmt::format("[{}, {}]", field.bit_offset, field.bit_width));
    }
    add("size", std::to_string(field.size));
    add("kind", std::string(name_of(field.kind)));
    if (field.is_signed) add("signed", "true");
    if (!field.dimensions.empty()) {
      add("dimensions", flow(field.dimensions, [](uint64_t bound) { return std::to_string(bound); }));
    }
    if (field.flexible_array) add("flexible", "true");
    if (field.element_size != field.size) add("element", std::to_string(field.element_size));
    if (!field.record.empty()) add("record", scalar(field.record));
    add("type", scalar(field.type));
    line("      - {{{}}}", text);
  }

  void write_enumeration(const Enumeration& enumeration) {
    line("  {}:", scalar(enumeration.name));
    line("    size: {}", enumeration.size);
    if (enumeration.is_signed) line("    signed: true");
    if (enumeration.by_typedef) line("    typedef: true");
    write_place(enumeration.file, enumeration.line);
    if (enumeration.enumerators.empty()) {
      line("    enumerators: []");
      return;
    }
    line("    enumerators:");
    for (const Enumerator& enumerator : enumeration.enumerators) {
      line("      - {{name: {}, value: {}}}", scalar(enumerator.name), integer_text(enumerator.value));
    }
  }

  void write_constant(const Constant& constant) {
    std::string text;
    const auto add = [&](std::string_view key, const std::string& value) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, value);
    };
    if (constant.integer) add("integer", integer_text(*constant.integer));
    if (constant.text) {
      // YAML text is Unicode; a C string need not be.
      if (is_printable_ascii(*constant.text)) {
        add("text", quoted(*constant.text));
      } else {
        std::string bytes;
        for (char c : *constant.text) {
          bytes += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
        add("bytes", quoted(bytes));
      }
    }
    if (!constant.file.empty() || constant.line != 0) add("at", place(constant.file, constant.line));
    line("  {}: {{{}}}", scalar(constant.name), text);
  }

  std::string out_;
};

}  // namespace

std::string write_snapshot(const Snapshot& snapshot) { return Writer().write(snapshot); }

}  // namespace khover::abi
