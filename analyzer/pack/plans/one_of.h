// The record of another set at a physical address: a reference, with the columns that the record has there.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct OneOf {
  static constexpr const char* kKey = "one-of";
  static constexpr Shape kShape = Shape::name;
  static constexpr RowKind kRows = RowKind::records;

  OtherSet set;
  Value at;  // 0: none

  template <typename Visitor>
  void keys(Visitor& of) {
    of.set(kItself, set);
    of.same_columns(set);
    of.value("at", at);
  }
  template <typename Add>
  void columns(Add&) const {}
};

}  // namespace khover::pack::plans
