// The children of a device tree node.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Nodes {
  static constexpr const char* kKey = "nodes";
  static constexpr Shape kShape = Shape::flag;
  static constexpr RowKind kRows = RowKind::nodes;

  template <typename Visitor>
  void keys(Visitor& of) {
    of.parent_is("fdt or nodes");
  }
  template <typename Add>
  void columns(Add& add) const {
    add.node_name("name");
  }
};

}  // namespace khover::pack::plans
