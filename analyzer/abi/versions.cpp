#include "abi/versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "abi/integer_text.h"
#include "error/try.h"
#include "yaml/tree.h"

namespace khover::abi {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

struct Part {
  std::string name;
  std::optional<uint64_t> number;
};

// "luo-v5" is luo, 5; "pci" is pci; "2" is a number without a name.
Part part_of(std::string_view text) {
  size_t digits = text.size();
  while (digits > 0 && std::isdigit(static_cast<unsigned char>(text[digits - 1])) != 0) --digits;
  const bool numbered = digits < text.size() && text.size() - digits < 19;
  if (numbered && digits == 0) return {"", std::stoull(std::string(text))};
  if (numbered && digits > 2 && text.substr(digits - 2, 2) == "-v") {
    return {std::string(text.substr(0, digits - 2)), std::stoull(std::string(text.substr(digits)))};
  }
  return {std::string(text), std::nullopt};
}

std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> parts;
  while (true) {
    const size_t semicolon = text.find(';');
    parts.push_back(part_of(text.substr(0, semicolon)));
    if (semicolon == std::string_view::npos) return parts;
    text.remove_prefix(semicolon + 1);
  }
}

// Words of an identifier, in lower case, without those that say what kind of thing it is.
std::vector<std::string> stem_of(std::string_view identifier) {
  static const std::set<std::string> kinds = {"compatible", "compat", "version", "abi", "fdt", "node",  "ser",
                                              "kho",        "fh",     "flb",     "luo", "hdr", "header"};
  std::vector<std::string> all;
  std::string word;
  for (const char c : identifier) {
    if (c == '_') {
      if (!word.empty()) all.push_back(word);
      word.clear();
    } else {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  if (!word.empty()) all.push_back(word);
  std::vector<std::string> stem;
  for (const std::string& one : all) {
    if (!kinds.contains(one)) stem.push_back(one);
  }
  // An identifier of nothing but such words (KHO_FDT_COMPATIBLE) goes by its first.
  if (stem.empty() && !all.empty()) stem.push_back(all.front());
  return stem;
}

size_t common_words(const std::string& a, const std::string& b) {
  const std::vector<std::string> left = stem_of(a);
  const std::vector<std::string> right = stem_of(b);
  size_t common = 0;
  while (common < left.size() && common < right.size() && left[common] == right[common]) ++common;
  return common;
}

std::set<std::string> macros_in(std::string_view text, const Snapshot& snapshot) {
  std::set<std::string> macros;
  for (size_t i = 0; i < text.size();) {
    if (!is_word(text[i])) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < text.size() && is_word(text[i])) ++i;
    const auto constant = snapshot.constants.find(std::string(text.substr(start, i - start)));
    if (constant != snapshot.constants.end() && is_version(constant->second)) macros.insert(constant->first);
  }
  return macros;
}

}  // namespace

bool is_version(const Constant& constant) {
  const std::string& name = constant.name;
  if (constant.text) {
    if (name.ends_with("_COMPATIBLE") || name.ends_with("_COMPAT")) return true;
    const std::vector<Part> parts = parts_of(*constant.text);
    return std::all_of(parts.begin(), parts.end(),
                       [](const Part& part) { return part.number && !part.name.empty(); });
  }
  return constant.integer && name.ends_with("_VERSION");
}

std::string version_text(const Constant& constant) {
  if (constant.text) return *constant.text;
  return constant.integer ? integer_text(*constant.integer) : "";
}

VersionStep compare_versions(const std::string& before, const std::string& after) {
  if (before == after) return VersionStep::same;
  const std::vector<Part> left = parts_of(before);
  const std::vector<Part> right = parts_of(after);
  if (left.size() != right.size()) return VersionStep::other;
  bool raised = false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i].name != right[i].name || left[i].number.has_value() != right[i].number.has_value()) {
      return VersionStep::other;
    }
    if (!left[i].number) continue;
    if (*right[i].number < *left[i].number) return VersionStep::lowered;
    raised = raised || *right[i].number > *left[i].number;
  }
  return raised ? VersionStep::raised : VersionStep::other;
}

Result<std::vector<StatedCover>> read_stated_covers(const std::string& text, const std::string& name) {
  yaml::Node root = TRY(yaml::read(text, name));
  const auto wrong = [&](const yaml::Node& node, const std::string& what) {
    return fail(yaml::position(name, node), what, "write VERSION_MACRO: [record, glob*]");
  };
  if (root.kind != yaml::Node::Kind::map) return wrong(root, "not a map of version macros");
  std::vector<StatedCover> covers;
  for (size_t i = 0; i < root.items.size(); ++i) {
    const yaml::Node& list = root.items[i];
    if (list.kind != yaml::Node::Kind::sequence) return wrong(list, "not a list of names");
    StatedCover cover{root.keys[i], {}};
    for (const yaml::Node& item : list.items) {
      if (item.kind != yaml::Node::Kind::scalar || item.text.empty()) return wrong(item, "not a name");
      cover.covers.push_back(item.text);
    }
    covers.push_back(std::move(cover));
  }
  return covers;
}

void read_documented_covers(std::string_view text, const std::string& header, const Snapshot& snapshot,
                            DocumentedCovers& covers) {
  for (size_t start = text.find("/**"); start != std::string_view::npos;
       start = text.find("/**", start + 3)) {
    const std::string_view comment = text.substr(start, text.find("*/", start) - start);
    const std::set<std::string> macros = macros_in(comment, snapshot);
    if (macros.empty()) continue;
    size_t word = comment.find_first_not_of("/* \t\r\n");
    if (word == std::string_view::npos) continue;
    const std::string_view body = comment.substr(word);
    if (body.starts_with("DOC:")) {
      covers.of_header[header].insert(macros.begin(), macros.end());
    } else if (body.starts_with("struct ") || body.starts_with("union ")) {
      const size_t begin = body.find(' ') + 1;
      size_t end = begin;
      while (end < body.size() && is_word(body[end])) ++end;
      covers.of_record[std::string(body.substr(begin, end - begin))].insert(macros.begin(), macros.end());
    }
  }
}

std::vector<Cover> covers_of(const Snapshot& snapshot, const std::string& name, const std::string& header,
                             const std::vector<StatedCover>& stated, const DocumentedCovers& documented) {
  std::vector<Cover> covers;
  const auto add = [&](const std::string& macro, const char* origin) {
    if (!snapshot.constants.contains(macro)) return;
    for (const Cover& known : covers) {
      if (known.macro == macro) return;
    }
    covers.push_back({macro, origin});
  };
  for (const StatedCover& one : stated) {
    for (const std::string& glob : one.covers) {
      if (matches_glob(glob, name)) add(one.version, "stated");
    }
  }
  // A nested type is part of the record that it is declared in.
  const std::string outer = name.substr(0, name.find('.'));
  if (const auto found = documented.of_record.find(outer); found != documented.of_record.end()) {
    for (const std::string& macro : found->second) add(macro, "kernel-doc");
    return covers;
  }
  std::vector<std::string> here;
  for (const auto& [macro, constant] : snapshot.constants) {
    if (is_version(constant) && constant.file == header) here.push_back(macro);
  }
  size_t best = 0;
  for (const std::string& macro : here) best = std::max(best, common_words(outer, macro));
  if (best != 0) {
    for (const std::string& macro : here) {
      if (common_words(outer, macro) == best) add(macro, "name");
    }
    return covers;
  }
  if (const auto found = documented.of_header.find(header); found != documented.of_header.end()) {
    for (const std::string& macro : found->second) add(macro, "DOC block");
    return covers;
  }
  for (const std::string& macro : here) add(macro, "header");
  return covers;
}

bool matches_glob(std::string_view glob, std::string_view text) {
  size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace khover::abi
