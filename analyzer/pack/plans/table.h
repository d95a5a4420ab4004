// The pages of a table that hardware walks, from its top page down to level 0. Its entries are a set below
// it.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

constexpr uint32_t kMaxTableLevel = 4;  // counted from 0; no hardware has more

struct Table {
  static constexpr const char* kKey = "table";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::records;

  Value at;     // of the top page; 0: none
  Value level;  // of the top page

  template <typename Visitor>
  void keys(Visitor& of) {
    of.value("at", at);
    of.value("level", level);
  }
  template <typename Add>
  void columns(Add& add) const {
    add.number("level", {0, kMaxTableLevel}, Shown::yes);
    add.rows_are_pages();
  }
};

}  // namespace khover::pack::plans
