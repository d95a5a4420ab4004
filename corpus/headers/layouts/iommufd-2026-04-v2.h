/* iommufd, generation 2. */
#pragma once
#include "../types.h"

#define IOMMUFD_LUO_COMPATIBLE "iommufd-v1"

struct iommufd_hwpt_ser {
  u64 domain_data; /* physical address of the record of its domain */
  u64 token;       /* chosen by user space, one per iommufd */
  u8 reclaimed;    /* the next kernel's own mark */
  u8 padding[7];
} __packed;

struct iommufd_ser {
  u64 nr_hwpts;
  struct iommufd_hwpt_ser hwpt_array[];
} __packed;
