// The slots of a radix page that are not 0.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Slots {
  static constexpr const char* kKey = "slots";
  static constexpr Shape kShape = Shape::flag;
  static constexpr RowKind kRows = RowKind::records;

  template <typename Visitor>
  void keys(Visitor& of) {
    of.parent_is("radix");
  }
  template <typename Add>
  void columns(Add& add) const {
    add.number("level", {0, 63}, Shown::no);  // of the page that it is in
    add.stored("value", 8);
  }
};

}  // namespace khover::pack::plans
