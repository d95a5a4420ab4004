// Records in the pages that another set lists, as if the pages were contiguous.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct Pages {
  static constexpr const char* kKey = "pages";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::records;

  OtherSet of_set;
  OtherColumn page;  // its column with the address of the page
  Value size;        // bytes of a page
  Value count;       // records

  template <typename Visitor>
  void keys(Visitor& of) {
    of.set("of", of_set);
    of.column_of("page", page, of_set);
    of.lies_below_parent(of_set);
    of.value("size", size);
    of.record_or_element("pages have");
    of.value("count", count);
  }
  template <typename Add>
  void columns(Add&) const {}
};

}  // namespace khover::pack::plans
