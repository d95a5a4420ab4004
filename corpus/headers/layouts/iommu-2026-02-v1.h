/* IOMMU core, variant A1: the first posting. */
#pragma once
#include "../types.h"

#define IOMMU_LUO_FLB_COMPATIBLE "iommu-v1"

enum iommu_lu_type {
  IOMMU_INVALID,
  IOMMU_INTEL,
};

/* Bit-fields of a packed record take the bytes they need: one here, so 9 in all. */
struct iommu_obj_ser {
  u32 idx; /* place in the whole list, over all pages */
  u32 ref_count;
  u32 deleted : 1;
  u32 incoming : 1;
} __packed;

struct iommu_domain_ser {
  struct iommu_obj_ser obj;
  u64 top_table;
  u64 top_level;
  struct iommu_domain* restored_domain;
} __packed;

struct device_domain_iommu_ser {
  u32 did;
  u64 domain_phys;
  u64 iommu_phys;
} __packed;

struct device_ser {
  struct iommu_obj_ser obj;
  u64 token;
  u32 devid;
  u32 pci_domain;
  struct device_domain_iommu_ser domain_iommu_ser;
  enum iommu_lu_type type;
} __packed;

struct iommu_intel_ser {
  u64 phys_addr;
  u64 root_table;
} __packed;

struct iommu_ser {
  struct iommu_obj_ser obj;
  u64 token;
  enum iommu_lu_type type;
  union {
    struct iommu_intel_ser intel;
  };
} __packed;

struct iommu_objs_ser {
  u64 next_objs;
  u64 nr_objs;
} __packed;

struct iommu_lu_flb_ser {
  u64 iommus_phys;
  u64 nr_iommus; /* deleted ones included, as below */
  u64 iommu_domains_phys;
  u64 nr_domains;
  u64 devices_phys;
  u64 nr_devices;
} __packed;
