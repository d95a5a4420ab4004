/* PCI core, variant D: one array with holes, in any order. */
#pragma once
#include "../types.h"

#define PCI_LUO_FLB_COMPATIBLE "pci-v2"

struct pci_dev_ser {
  u32 domain;
  u16 bdf;
  u16 refcount; /* 0: the entry is free */
} __packed;

struct pci_ser {
  u32 max_nr_devices;
  u32 nr_devices; /* entries in use, wherever they are */
  struct pci_dev_ser devices[];
} __packed;
