/* VFIO PCI files, generation r0: a bus, device and function number, no domain. */
#pragma once
#include "../types.h"

#define VFIO_PCI_LUO_FH_COMPATIBLE "vfio-pci-v1"

struct vfio_pci_core_device_ser {
  u16 bdf;
} __packed;
