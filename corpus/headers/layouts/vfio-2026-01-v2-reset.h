/* VFIO PCI files, generation r3. */
#pragma once
#include "../types.h"

#define VFIO_PCI_LUO_FH_COMPATIBLE "vfio-pci-v1"

struct vfio_pci_core_device_ser {
  u16 bdf;
  u16 domain;
  u8 reset_works;
} __packed;
