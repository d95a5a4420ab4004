// Records linked by a physical pointer.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Chain {
  static constexpr const char* kKey = "chain";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::records;

  Value at;        // of the first record; 0: none
  OwnColumn next;  // of the one after it; 0: the end

  template <typename Visitor>
  void keys(Visitor& of) {
    of.value("at", at);
    of.record("record");
    of.field("next", next);
  }
  template <typename Add>
  void columns(Add&) const {}
};

}  // namespace khover::pack::plans
