/* VFIO PCI files, generation r1: the whole configuration space of the device. */
#pragma once
#include "../types.h"

#define VFIO_PCI_LUO_FH_COMPATIBLE "vfio-pci-v1"

struct vfio_pci_core_device_ser {
  u16 bdf;
  u32 cfg_size;
  u8 pci_config_map[4096];
  u8 vconfig[4096];
  u32 rbar[7];
  u8 reset_works;
  u64 pci_saved_state_phys;
} __packed;
