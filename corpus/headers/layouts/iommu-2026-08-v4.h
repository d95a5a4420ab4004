/* IOMMU core, variant D: a version number, three arrays. */
#pragma once
#include "../types.h"

#define IOMMU_LUO_FLB_COMPATIBLE "iommu-liveupdate"
#define IOMMU_LUO_FLB_VERSION 1
#define IOMMU_SER_FLAG_DELETED 1
#define IOMMU_SER_FLAG_INCOMING 2

enum iommu_type_ser {
  IOMMU_INVALID,
};

struct iommu_hdr_ser {
  u32 ref_count;
  u32 flags;
} __packed;

struct iommu_domain_ser {
  struct iommu_hdr_ser hdr;
  u64 top_table_phys;
  u64 top_level;
  u32 vasz;
  u32 sign_extend : 1;
  struct iommu_domain* restored_domain; /* the next kernel's own mark */
} __packed;

struct iommu_dev_map_ser {
  u64 attachment_id;
  u64 domain_phys;
  u64 iommu_phys;
} __packed;

struct iommu_device_ser {
  struct iommu_hdr_ser hdr;
  u32 devid;
  u32 pci_domain_nr;
  struct iommu_dev_map_ser domain_iommu_ser;
} __packed;

struct iommu_hw_ser {
  struct iommu_hdr_ser hdr;
  u64 token; /* physical address of the unit's registers */
  u64 type;
} __packed;

struct iommu_array_hdr_ser {
  u64 next_array_phys;
  u64 nr_objects; /* in this page, deleted ones included */
} __packed;

struct iommu_flb_ser {
  u64 version;
  u64 iommu_array_phys;
  u64 iommu_domain_array_phys;
  u64 device_array_phys;
} __packed;
