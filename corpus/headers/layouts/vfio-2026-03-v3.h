/* VFIO PCI files, generation r5. */
#pragma once
#include "../types.h"

#define VFIO_PCI_LUO_FH_COMPATIBLE "vfio-pci-v1"

struct vfio_pci_core_device_ser {
  u32 domain;
  u16 bdf;
} __packed;
