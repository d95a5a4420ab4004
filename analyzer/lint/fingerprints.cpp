#include "lint/fingerprints.h"

#include <fmt/format.h>

#include <iterator>

#include "abi/versions.h"
#include "abi_diff/field_places.h"
#include "lint/embedded.h"
#include "yaml/tree.h"

namespace khover::lint {

std::string layout_fingerprint(const abi::Snapshot& snapshot, const abi::Record& record) {
  std::string text = fmt::format("{};", record.size);
  auto put = std::back_inserter(text);
  for (const abi_diff::Reading& reading : abi_diff::readings(snapshot, record)) {
    fmt::format_to(put, "{}+{}m{}", reading.first_bit, reading.width, static_cast<int>(reading.meaning));
    for (const abi_diff::Step& step : reading.steps) fmt::format_to(put, "x{}/{}", step.count, step.stride);
    text += ';';
  }
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: it only distinguishes layouts
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

std::string page_key(const abi::Snapshot& snapshot) { return std::to_string(snapshot.source.page_size); }

Result<std::vector<Fingerprint>> read_fingerprints(const std::string& text, const std::string& name) {
  Result<yaml::Node> root = yaml::read(text, name);
  if (!root) return tl::unexpected(root.error());
  const auto wrong = [&](const yaml::Node& node) {
    return fail(yaml::position(name, node), "not an entry of the registry", "see the head of the file");
  };
  std::vector<Fingerprint> all;
  if (root->kind == yaml::Node::Kind::null) return all;
  if (root->kind != yaml::Node::Kind::sequence) return wrong(*root);
  for (const yaml::Node& node : root->items) {
    if (node.kind != yaml::Node::Kind::map) return wrong(node);
    Fingerprint one;
    for (size_t i = 0; i < node.items.size(); ++i) {
      const std::string& key = node.keys[i];
      std::string* target = key == "version"  ? &one.version
                            : key == "record" ? &one.record
                            : key == "pages"  ? &one.pages
                            : key == "layout" ? &one.layout
                            : key == "seen"   ? &one.seen_in
                                              : nullptr;
      if (target == nullptr || node.items[i].kind != yaml::Node::Kind::scalar) return wrong(node.items[i]);
      *target = node.items[i].text;
    }
    if (one.version.empty() || one.record.empty() || one.layout.empty()) return wrong(node);
    all.push_back(std::move(one));
  }
  return all;
}

Result<std::vector<Fingerprint>> shipped_fingerprints() {
  return read_fingerprints(shipped_layouts(), "tables/layouts.yaml");
}

std::string write_fingerprints(const Headers& headers, const std::string& seen_in) {
  std::string out;
  for (const auto& [name, declaration] : headers.declarations) {
    const abi::Record* record = headers.record(name);
    if (record == nullptr || declaration.nested) continue;
    for (const abi::Cover& cover : headers.covers(*record)) {
      fmt::format_to(std::back_inserter(out),
                     "- {{version: \"{} {}\", record: {}, pages: \"{}\", layout: \"{}\", seen: \"{}\"}}\n",
                     cover.macro, abi::version_text(headers.snapshot.constants.at(cover.macro)), name,
                     page_key(headers.snapshot), layout_fingerprint(headers.snapshot, *record), seen_in);
    }
  }
  return out;
}

}  // namespace khover::lint
