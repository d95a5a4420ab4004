/* PCI core, variant E: a chain of KHO blocks. */
#pragma once
#include "../types.h"

#define PCI_LUO_FLB_COMPATIBLE "pci-v2"

struct pci_dev_ser {
  u32 domain;
  u16 bdf;
  u16 refcount;
} __packed;

struct pci_ser {
  u32 nr_devices;
  u64 devices; /* physical address of the first block; unaligned */
} __packed;
