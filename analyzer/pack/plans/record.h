// One record at a physical address; 0: none.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Record {
  static constexpr const char* kKey = "record";
  static constexpr Shape kShape = Shape::name;
  static constexpr RowKind kRows = RowKind::records;

  Value at;

  template <typename Visitor>
  void keys(Visitor& of) {
    of.record(kItself);
    of.value("at", at);
  }
  template <typename Add>
  void columns(Add&) const {}
};

}  // namespace khover::pack::plans
