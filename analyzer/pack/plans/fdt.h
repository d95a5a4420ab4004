// The root node of a flattened device tree.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Fdt {
  static constexpr const char* kKey = "fdt";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::nodes;

  Value at;     // 0: none
  Value limit;  // most bytes that the blob may have

  template <typename Visitor>
  void keys(Visitor& of) {
    of.value("at", at);
    of.value("limit", limit);
  }
  template <typename Add>
  void columns(Add& add) const {
    add.node(NodeColumn::sound, "sound", {0, 1}, Type::boolean);
    add.node(NodeColumn::totalsize, "totalsize", {0, kNone});
  }
};

}  // namespace khover::pack::plans
