// The PCI functions of the host that wrote an image: what they are below, and which of them share an
// IOMMU group. No image says it; sysfs of the host does, and the note of a slim core repeats it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "error/error.h"

namespace khover::image {

struct PciAddress {
  uint32_t domain = 0;
  uint16_t bdf = 0;  // bus << 8 | device << 3 | function
  friend auto operator<=>(const PciAddress&, const PciAddress&) = default;
};

struct PciFunction {
  PciAddress address;
  bool is_bridge = false;              // PCI-to-PCI: other functions may be below
  std::optional<PciAddress> upstream;  // the bridge above; none: on a root bus
  std::optional<uint32_t> group;       // IOMMU group; none: without an IOMMU
};

// "0000:3b:00.0", as the kernel prints it; VMD domains have more than four digits.
std::optional<PciAddress> parse_pci_address(const std::string& text);
std::string to_string(const PciAddress& address);

// By address; false when one is given twice.
bool sort_functions(std::vector<PciFunction>& functions);

// A folder laid out as /sys: bus/pci/devices with its links. Nothing outside these links, and of each
// function `class` and the link `iommu_group`, is read.
Result<std::vector<PciFunction>> read_topology(const std::string& sysfs);

}  // namespace khover::image
