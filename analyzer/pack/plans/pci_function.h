// The host's PCI function of the identity that the parent has.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {

struct PciFunction {
  static constexpr const char* kKey = "pci-function";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::records;

  Value domain;
  Value bdf;  // bus, device, function as 16 bits

  template <typename Visitor>
  void keys(Visitor& of) {
    of.value("domain", domain);
    of.value("bdf", bdf);
  }
  template <typename Add>
  void columns(Add& add) const {
    add.number("domain", {0, kNone}, Shown::no);
    add.number("bdf", {0, 0xffff}, Shown::no);
    add.truth("bridge", Shown::no);
    add.truth("has_upstream", Shown::no);
    add.number("upstream_domain", {0, kNone}, Shown::no);
    add.number("upstream_bdf", {0, 0xffff}, Shown::no);
    add.number("group_size", {0, kNone}, Shown::no);
  }
};

}  // namespace khover::pack::plans
