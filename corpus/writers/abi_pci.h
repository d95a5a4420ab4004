// Preserved PCI devices, as the series posted in 2026 write them: none is in mainline.
// Typed by hand, numbers and field names only, as abi.h.
#pragma once

#include "abi.h"

#define PCI_NAME_AB "pci-v1"
#define PCI_NAME_CDE "pci-v2"
#define PCI_NAME_F "pci"

struct pci_dev_ser {
  uint32_t domain;
  uint16_t bdf;       // bus << 8 | device << 3 | function
  uint16_t refcount;  // reserved in A and B; 0: a hole in D, E and F
} PACKED;

// One array after the header. A is sorted and has no refcounts, C is sorted.
struct pci_ser_ac {
  uint64_t max_nr_devices;
  uint64_t nr_devices;
  struct pci_dev_ser devices[];
} PACKED;

// B has no refcounts, D has holes.
struct pci_ser_bd {
  uint32_t max_nr_devices;
  uint32_t nr_devices;
  struct pci_dev_ser devices[];
} PACKED;

// Linked blocks.
struct pci_ser_e {
  uint32_t nr_devices;
  uint64_t devices;
} PACKED;

struct pci_ser_f {
  uint32_t version;  // 1: refcount is 0 or 1; 2: it counts the endpoints below
  uint32_t nr_devices;
  uint64_t devices;
} PACKED;

_Static_assert(sizeof(struct pci_dev_ser) == 8, "pci_dev_ser");
_Static_assert(sizeof(struct pci_ser_ac) == 16, "pci_ser A, C");
_Static_assert(sizeof(struct pci_ser_bd) == 8, "pci_ser B, D");
_Static_assert(sizeof(struct pci_ser_e) == 12, "pci_ser E");
_Static_assert(sizeof(struct pci_ser_f) == 16, "pci_ser F");
