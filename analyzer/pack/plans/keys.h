// The set bits of the bitmap pages of a radix tree: keys of the preserved memory map.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Keys {
  static constexpr const char* kKey = "keys";
  static constexpr Shape kShape = Shape::flag;
  static constexpr RowKind kRows = RowKind::keys;

  template <typename Visitor>
  void keys(Visitor& of) {
    of.parent_is("radix");
  }
  template <typename Add>
  void columns(Add& add) const {
    add.keys();
  }
};

}  // namespace khover::pack::plans
