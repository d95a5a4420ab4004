// The entries of a table page that are not 0.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Entries {
  static constexpr const char* kKey = "entries";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::records;

  Value count;     // of one page
  OwnColumn next;  // the page one level below; 0: a leaf. Mostly derived from the entry's bits

  template <typename Visitor>
  void keys(Visitor& of) {
    of.parent_is("table");
    of.record_or_element("entries are");
    of.value("count", count);
    of.column("next", next);
  }
  template <typename Add>
  void columns(Add&) const {}
};

}  // namespace khover::pack::plans
