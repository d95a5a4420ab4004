/* PCI core, variant F: a chain of KHO blocks and a version number. */
#pragma once
#include "../types.h"

#define PCI_LUO_FLB_COMPATIBLE "pci"
#define PCI_LUO_FLB_VERSION 2

struct pci_dev_ser {
  u32 domain;
  u16 bdf;
  u16 refcount;
} __packed;

struct pci_ser {
  u32 version;
  u32 nr_devices;
  u64 devices;
} __packed;
