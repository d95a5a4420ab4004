/* VFIO PCI files, generation r2: the domain is cut to 16 bits. */
#pragma once
#include "../types.h"

#define VFIO_PCI_LUO_FH_COMPATIBLE "vfio-pci-v1"

struct vfio_pci_core_device_ser {
  u16 bdf;
  u16 domain;
} __packed;
