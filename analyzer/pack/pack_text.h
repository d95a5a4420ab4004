// What all readers of a pack file share: its text with the parameters of a template filled in, and all
// errors.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "error/error.h"
#include "pack/syntax.h"
#include "pack/yaml_map.h"

namespace khover::pack {

class PackText {
 public:
  explicit PackText(const YamlSource& source) : source_(source) {}

  const YamlSource& source() const { return source_; }
  void use_parameters(std::map<std::string, std::string> values) { values_ = std::move(values); }

  void take(const std::vector<Error>& errors);
  void take(const Result<void>& result);
  void fail_at(const yaml::Node* node, const std::string& what, const std::string& remedy = {});
  const std::vector<Error>& errors() const { return errors_; }

  // ${name} → value. Positions stay those of the template file.
  std::string expand(const yaml::Node* node, const std::string& text);
  std::string text(YamlMap& map, const std::string& key);
  std::string text(YamlMap& map, const std::string& key, const std::string& fallback);
  // Null for no node.
  NodePtr expression(const yaml::Node* node);
  NodePtr expression(YamlMap& map, const std::string& key) { return expression(map.optional(key)); }
  NodePtr required_expression(YamlMap& map, const std::string& key) { return expression(map.required(key)); }
  std::optional<ClaimSyntax> claim(const yaml::Node* node);
  uint64_t number(const yaml::Node* node);

 private:
  const YamlSource& source_;
  std::map<std::string, std::string> values_;
  std::vector<Error> errors_;
};

}  // namespace khover::pack
