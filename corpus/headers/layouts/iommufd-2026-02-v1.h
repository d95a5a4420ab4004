/* iommufd, generation 1. */
#pragma once
#include "../types.h"

#define IOMMUFD_LUO_COMPATIBLE "iommufd-v1"

struct iommufd_hwpt_lu {
  u32 token;       /* chosen by user space, one per iommufd */
  u64 domain_data; /* physical address of the record of its domain */
  bool_ser reclaimed;
} __packed;

struct iommufd_lu {
  u32 nr_hwpts;
  struct iommufd_hwpt_lu hwpts[];
} __packed;
