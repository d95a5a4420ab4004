/* PCI core, variant C: one array, sorted, with reference counts. */
#pragma once
#include "../types.h"

#define PCI_LUO_FLB_COMPATIBLE "pci-v2"

struct pci_dev_ser {
  u32 domain;
  u16 bdf;
  u16 refcount;
} __packed;

struct pci_ser {
  u64 max_nr_devices;
  u64 nr_devices;
  struct pci_dev_ser devices[];
} __packed;
