// Records side by side.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Array {
  static constexpr const char* kKey = "array";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::records;

  Value at;  // 0: none
  Value count;
  Value capacity;           // most that fit; may be absent
  bool until_zero = false;  // it ends at the first entry that is 0

  template <typename Visitor>
  void keys(Visitor& of) {
    of.value("at", at);
    of.record_or_element("an array has");
    of.value("count", count);
    of.optional("capacity", capacity);
    of.flag("until-zero", until_zero);
  }
  template <typename Add>
  void columns(Add&) const {}
};

}  // namespace khover::pack::plans
