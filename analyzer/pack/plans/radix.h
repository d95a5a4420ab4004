// Table and bitmap pages of the preserved memory map. Its slots and keys are sets below it.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Radix {
  static constexpr const char* kKey = "radix";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::records;

  Value at;      // of the top page; 0: none
  Value depth;   // levels
  Value table;   // log2 of the slots of a table page
  Value bitmap;  // log2 of the bits of a bitmap page

  template <typename Visitor>
  void keys(Visitor& of) {
    of.value("at", at);
    of.constant("depth", depth);
    of.constant("table", table);
    of.constant("bitmap", bitmap);
  }
  template <typename Add>
  void columns(Add& add) const {
    add.number("level", {0, 63}, Shown::yes);  // 0: a bitmap
    add.rows_are_pages();
  }
};

}  // namespace khover::pack::plans
