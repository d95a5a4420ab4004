// The RAM map that is known of the host: one row a range.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Ram {
  static constexpr const char* kKey = "ram";
  static constexpr Shape kShape = Shape::flag;
  static constexpr RowKind kRows = RowKind::records;

  template <typename Visitor>
  void keys(Visitor& of) {
    of.at_the_top();
  }
  template <typename Add>
  void columns(Add& add) const {
    add.number("start", {0, kMaxU64}, Shown::yes);
    add.number("length", {0, kMaxU64}, Shown::yes);
  }
};

}  // namespace khover::pack::plans
