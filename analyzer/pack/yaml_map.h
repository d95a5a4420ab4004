// Strict reading of YAML mappings: every key is asked for by name, leftovers are errors,
// every error names file, line and column, and all of them are kept.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "error/error.h"
#include "pack/syntax.h"
#include "yaml/tree.h"

namespace khover::pack {

// A file as read; the nodes that are handed out below point into it.
struct YamlSource {
  std::string file;
  yaml::Node root;
};

Position position_of(const YamlSource& source, const yaml::Node& node);
// Where the text of a scalar begins.
Origin origin_of(const YamlSource& source, const yaml::Node& node);

class YamlMap {
 public:
  // Not a mapping: an error, kept until finish().
  YamlMap(const YamlSource& source, const yaml::Node& node);

  // Null when the key is absent.
  const yaml::Node* optional(const std::string& key);
  const yaml::Node* required(const std::string& key);
  std::string text(const std::string& key);                        // required scalar
  std::string text(const std::string& key, std::string fallback);  // optional scalar
  bool flag(const std::string& key);                               // optional, false
  std::vector<std::string> texts(const std::string& key);  // optional; a scalar reads as a list of one
  // Keys in file order with their values, for maps whose keys are names.
  std::vector<std::pair<std::string, const yaml::Node*>> entries();

  void error(const yaml::Node* at, const std::string& what, const std::string& remedy = {});
  // All errors, unknown keys among them.
  std::vector<Error> finish();

 private:
  const YamlSource& source_;
  const yaml::Node& node_;
  std::vector<bool> used_;
  std::vector<std::string> asked_;  // keys that may be here
  std::vector<Error> failures_;
};

}  // namespace khover::pack
