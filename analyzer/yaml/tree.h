// YAML as a plain tree that remembers where everything was. yaml-cpp's own Node forgets
// quoting, keeps the second of two equal keys reachable and shares aliased nodes, so a small
// hostile file can expand to a huge one; here anchors, aliases, tags and duplicate keys are errors.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "error/error.h"

namespace khover::yaml {

struct Node {
  enum class Kind { null, scalar, sequence, map };

  Kind kind = Kind::null;
  uint32_t line = 0;    // from 1
  uint32_t column = 0;  // from 1
  bool quoted = false;
  std::string text;               // scalar
  std::vector<std::string> keys;  // map: keys[i] belongs to items[i]
  std::vector<Node> items;        // sequence or map

  // Where the text of a scalar begins, after its quote or on the line below its '|', and the column
  // at which its further lines begin. Errors inside a text are reported at their place in the file.
  uint32_t text_line = 0;
  uint32_t text_column = 0;
  uint32_t indent = 0;

  friend bool operator==(const Node&, const Node&) = default;
};

// "name:line:column" of a node in the file `name`.
std::string position(const std::string& name, const Node& node);

// One document; errors name file, line and column.
Result<Node> read(const std::string& yaml, const std::string& name);

}  // namespace khover::yaml
