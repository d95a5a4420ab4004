#include "pack/pack_text.h"

namespace khover::pack {
namespace {

std::string substitute(const std::string& text, const std::map<std::string, std::string>& values,
                       std::string* missing) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "${") == 0) {
      const size_t end = text.find('}', i);
      if (end != std::string::npos) {
        const std::string name = text.substr(i + 2, end - i - 2);
        const auto found = values.find(name);
        if (found == values.end()) {
          *missing = name;
        } else {
          out += found->second;
        }
        i = end + 1;
        continue;
      }
    }
    out += text[i++];
  }
  return out;
}

}  // namespace

void PackText::take(const Result<void>& result) {
  if (!result) errors_.push_back(result.error());
}

void PackText::take(const std::vector<Error>& errors) {
  errors_.insert(errors_.end(), errors.begin(), errors.end());
}

void PackText::fail_at(const yaml::Node* node, const std::string& what, const std::string& remedy) {
  errors_.push_back(Error{to_string(position_of(source_, *node)), what, remedy});
}

std::string PackText::expand(const yaml::Node* node, const std::string& text) {
  if (values_.empty()) return text;
  std::string missing;
  std::string out = substitute(text, values_, &missing);
  if (!missing.empty()) fail_at(node, "'${" + missing + "}' is not a parameter of this template");
  return out;
}

std::string PackText::text(YamlMap& map, const std::string& key) {
  return expand(&source_.root, map.text(key));
}
std::string PackText::text(YamlMap& map, const std::string& key, const std::string& fallback) {
  return expand(&source_.root, map.text(key, fallback));
}

NodePtr PackText::expression(const yaml::Node* node) {
  if (!node) return nullptr;
  if (node->kind != yaml::Node::Kind::scalar) {
    fail_at(node, "expected an expression");
    return nullptr;
  }
  auto parsed = parse_expression(expand(node, node->text), origin_of(source_, *node));
  if (parsed) return *parsed;
  errors_.push_back(parsed.error());
  return nullptr;
}

std::optional<ClaimSyntax> PackText::claim(const yaml::Node* node) {
  if (!node || node->kind != yaml::Node::Kind::scalar) return std::nullopt;
  auto parsed = parse_claim(expand(node, node->text), origin_of(source_, *node));
  if (parsed) return *parsed;
  errors_.push_back(parsed.error());
  return std::nullopt;
}

uint64_t PackText::number(const yaml::Node* node) {
  if (!node) return 0;  // the mapping knows that the key is missing
  NodePtr parsed = expression(node);
  if (!parsed || parsed->kind != NodeKind::number) {
    fail_at(node, "expected a number");
    return 0;
  }
  return static_cast<uint64_t>(parsed->number);
}

}  // namespace khover::pack
