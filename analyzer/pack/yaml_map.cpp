#include "pack/yaml_map.h"

#include "pack/did_you_mean.h"

namespace khover::pack {

using Kind = yaml::Node::Kind;

Position position_of(const YamlSource& source, const yaml::Node& node) {
  return Position{source.file, static_cast<int>(node.line), static_cast<int>(node.column)};
}

Origin origin_of(const YamlSource& source, const yaml::Node& node) {
  Origin origin;
  origin.start = Position{source.file, static_cast<int>(node.text_line), static_cast<int>(node.text_column)};
  origin.next_line_column = static_cast<int>(node.indent);
  return origin;
}

YamlMap::YamlMap(const YamlSource& source, const yaml::Node& node)
    : source_(source), node_(node), used_(node.keys.size()) {
  if (node.kind != Kind::map) error(&node, "expected a mapping");
}

const yaml::Node* YamlMap::optional(const std::string& key) {
  asked_.push_back(key);
  for (size_t i = 0; i < node_.keys.size(); ++i) {
    if (node_.keys[i] != key) continue;
    used_[i] = true;
    return &node_.items[i];
  }
  return nullptr;
}

const yaml::Node* YamlMap::required(const std::string& key) {
  const yaml::Node* found = optional(key);
  if (!found) error(&node_, "key '" + key + "' is missing");
  return found;
}

std::string YamlMap::text(const std::string& key) {
  const yaml::Node* found = required(key);
  if (!found) return {};
  if (found->kind != Kind::scalar) {
    error(found, "'" + key + "' must be a single value");
    return {};
  }
  return found->text;
}

std::string YamlMap::text(const std::string& key, std::string fallback) {
  return optional(key) ? text(key) : std::move(fallback);
}

bool YamlMap::flag(const std::string& key) {
  const std::string value = text(key, "false");
  if (value != "true" && value != "false") error(optional(key), "'" + key + "' must be true or false");
  return value == "true";
}

std::vector<std::string> YamlMap::texts(const std::string& key) {
  const yaml::Node* found = optional(key);
  std::vector<std::string> list;
  if (!found) return list;
  if (found->kind == Kind::scalar) {
    list.push_back(found->text);
  } else if (found->kind == Kind::sequence) {
    for (const yaml::Node& item : found->items) {
      if (item.kind != Kind::scalar)
        error(&item, "'" + key + "' must be a list of words");
      else
        list.push_back(item.text);
    }
  } else {
    error(found, "'" + key + "' must be a word or a list of words");
  }
  return list;
}

std::vector<std::pair<std::string, const yaml::Node*>> YamlMap::entries() {
  used_.assign(used_.size(), true);
  std::vector<std::pair<std::string, const yaml::Node*>> entries;
  for (size_t i = 0; i < node_.keys.size(); ++i) entries.emplace_back(node_.keys[i], &node_.items[i]);
  return entries;
}

void YamlMap::error(const yaml::Node* at, const std::string& what, const std::string& remedy) {
  failures_.push_back(Error{to_string(position_of(source_, at ? *at : node_)), what, remedy});
}

std::vector<Error> YamlMap::finish() {
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i]) continue;
    error(&node_.items[i], "unknown key '" + node_.keys[i] + "'",
          did_you_mean(node_.keys[i], asked_, "see docs/rule-language.md"));
  }
  return std::move(failures_);
}

}  // namespace khover::pack
