/* IOMMU core, variant E: D with the Intel and SMMUv3 parts, a token of the DMA owner, and padding. */
#pragma once
#include "../types.h"

#define IOMMU_LUO_FLB_COMPATIBLE "iommu-liveupdate"
#define IOMMU_LUO_FLB_VERSION 1
#define IOMMU_SER_FLAG_DELETED 1
#define IOMMU_SER_FLAG_INCOMING 2

enum iommu_type_ser {
  IOMMU_INVALID,
  IOMMU_INTEL,
  IOMMU_ARM_SMMUV3,
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
  u8 sign_extend;
  u8 padding[3];
  struct iommu_domain* restored_domain; /* the next kernel's own mark */
} __packed;

struct iommu_dev_map_ser {
  u64 attachment_id;
  u64 domain_phys;
  u64 iommu_phys;
} __packed;

struct iommu_device_intel_ser {
  u8 restored; /* the next kernel's own mark */
  u8 padding[7];
  u64 pasid_table;
  u64 max_pasid;
} __packed;

struct iommu_intel_ser {
  u8 restored; /* the next kernel's own mark */
  u8 padding[7];
  u64 phys_addr;
  u64 root_table;
  u64 context_tables_bitmap[8]; /* bit: bus * 2 + upper half of its functions */
} __packed;

struct iommu_master_smmuv3_ser {
  u64 l1_cdtab_lu_state;
  u32 num_l2_cdtables;
  u32 padding;
  u64 l2_cdtab_lu_states_phys;
} __packed;

struct iommu_smmuv3_hw_ser {
  u64 phys_addr;
  u64 strtab_base_cfg;
  u64 l1_strtab_lu_state;
  u64 l2_strtab_lu_states_phys; /* one entry for each word of level 1, 0 where nothing was preserved */
} __packed;

struct iommu_device_ser {
  struct iommu_hdr_ser hdr;
  u32 devid;
  u32 pci_domain_nr;
  u64 dma_owner_token;
  struct iommu_dev_map_ser domain_iommu_ser;
  union {
    struct iommu_device_intel_ser intel;
    struct iommu_master_smmuv3_ser smmuv3;
  };
} __packed;

struct iommu_hw_ser {
  struct iommu_hdr_ser hdr;
  u64 token; /* physical address of the unit's registers */
  u64 type;
  union {
    struct iommu_intel_ser intel;
    struct iommu_smmuv3_hw_ser smmuv3;
  };
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
