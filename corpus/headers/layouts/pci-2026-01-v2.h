/* PCI core, variant A: one array, sorted, no reference counts. */
#pragma once
#include "../types.h"

#define PCI_LUO_FLB_COMPATIBLE "pci-v1"

struct pci_dev_ser {
  u32 domain;
  u16 bdf;
  u16 reserved;
} __packed;

struct pci_ser {
  u64 max_nr_devices; /* entries that were allocated */
  u64 nr_devices;     /* entries in use, from the first on */
  struct pci_dev_ser devices[];
} __packed;
