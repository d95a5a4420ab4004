// The set bits of a bitmap that a record names, as keys of the preserved memory map.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Bitmap {
  static constexpr const char* kKey = "bitmap";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::keys;

  Value at;         // 0: none
  Value bytes;      // its size
  Value first_key;  // of its first bit

  template <typename Visitor>
  void keys(Visitor& of) {
    of.value("at", at);
    of.value("bytes", bytes);
    of.value("key", first_key);
  }
  template <typename Add>
  void columns(Add& add) const {
    add.keys();
  }
};

}  // namespace khover::pack::plans
