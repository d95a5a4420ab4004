// Files of sessions that represent devices: vfio-pci and iommufd, every layout found.
// All layouts of a handler share its compatible string.
#pragma once

#include "abi.h"

#define VFIO_PCI_COMPATIBLE "vfio-pci-v1"

struct vfio_pci_ser_r0 {
  uint16_t bdf;
} PACKED;

struct vfio_pci_ser_r1 {
  uint16_t bdf;
  uint32_t cfg_size;
  uint8_t map[4096];
  uint8_t vconfig[4096];
  uint32_t rbar[7];
  uint8_t reset_works;
  uint64_t pci_saved_state_phys;
} PACKED;

struct vfio_pci_ser_r2 {
  uint16_t bdf;
  uint16_t domain;  // too narrow
} PACKED;

struct vfio_pci_ser_r3 {
  struct vfio_pci_ser_r2 device;
  uint8_t reset_works;
} PACKED;

struct vfio_pci_ser_r4 {
  struct vfio_pci_ser_r3 device;
  uint32_t iommufd_token;  // too narrow
} PACKED;

struct vfio_pci_ser_r5 {
  uint32_t domain;
  uint16_t bdf;
} PACKED;

#define IOMMUFD_COMPATIBLE "iommufd-v1"

struct iommufd_hwpt_ser_1 {
  uint32_t token;
  uint64_t domain_data;
  uint8_t reclaimed;
} PACKED;
struct iommufd_ser_1 {
  uint32_t nr_hwpts;
  struct iommufd_hwpt_ser_1 hwpts[];
} PACKED;

struct iommufd_hwpt_ser {
  uint64_t domain_data;
  uint64_t token;
  uint8_t reclaimed;
  uint8_t padding[7];
} PACKED;
struct iommufd_ser {
  uint64_t nr_hwpts;
  struct iommufd_hwpt_ser hwpts[];
} PACKED;

_Static_assert(sizeof(struct vfio_pci_ser_r0) == 2, "vfio r0");
_Static_assert(sizeof(struct vfio_pci_ser_r1) == 8235, "vfio r1");
_Static_assert(sizeof(struct vfio_pci_ser_r2) == 4, "vfio r2");
_Static_assert(sizeof(struct vfio_pci_ser_r3) == 5, "vfio r3");
_Static_assert(sizeof(struct vfio_pci_ser_r4) == 9, "vfio r4");
_Static_assert(sizeof(struct vfio_pci_ser_r5) == 6, "vfio r5");
_Static_assert(sizeof(struct iommufd_hwpt_ser_1) == 13, "iommufd_hwpt_ser, generation 1");
_Static_assert(sizeof(struct iommufd_ser_1) == 4, "iommufd_ser, generation 1");
_Static_assert(sizeof(struct iommufd_hwpt_ser) == 24, "iommufd_hwpt_ser");
_Static_assert(sizeof(struct iommufd_ser) == 8, "iommufd_ser");
