/* PCI core, variant B: as A, with counts of 32 bits. */
#pragma once
#include "../types.h"

#define PCI_LUO_FLB_COMPATIBLE "pci-v1"

struct pci_dev_ser {
  u32 domain;
  u16 bdf;
  u16 reserved;
} __packed;

struct pci_ser {
  u32 max_nr_devices;
  u32 nr_devices;
  struct pci_dev_ser devices[];
} __packed;
