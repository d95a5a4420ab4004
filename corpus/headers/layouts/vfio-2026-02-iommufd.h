/* VFIO PCI files, generation r4: with the LUO token of the iommufd, cut to 32 bits. */
#pragma once
#include "../types.h"

#define VFIO_PCI_LUO_FH_COMPATIBLE "vfio-pci-v1"

struct vfio_iommufd_ser {
  u32 token;
} __packed;

struct vfio_pci_core_device_ser {
  u16 bdf;
  u16 domain;
  u8 reset_works;
  struct vfio_iommufd_ser iommufd_ser;
} __packed;
