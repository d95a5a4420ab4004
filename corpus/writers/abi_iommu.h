// State of IOMMUs, every layout found: three chains of pages of records. None is in
// mainline, and the compatible string does not tell which layout follows.
#pragma once

#include <stddef.h>

#include "abi.h"

#define IOMMU_NAME_A "iommu-v1"
#define IOMMU_NAME_BC "iommu-liveupdate-v1"
#define IOMMU_NAME_D "iommu-liveupdate"
enum { IOMMU_D_VERSION = 1 };

enum { IOMMU_DELETED = 1, IOMMU_INCOMING = 2 };
enum { IOMMU_INVALID = 0, IOMMU_INTEL = 1, IOMMU_ARM_SMMUV3 = 2 };

struct iommu_array_ser {
  uint64_t next_array_phys;
  uint64_t nr_objs;
} PACKED;

// A: totals, and indexes in the records. The flags are bit-fields of one byte.
struct iommu_obj_ser_a {
  uint32_t idx;
  uint32_t ref_count;
  uint8_t flags;
} PACKED;
struct iommu_flb_ser_a {
  uint64_t iommus_phys;
  uint64_t nr_iommus;
  uint64_t iommu_domains_phys;
  uint64_t nr_domains;
  uint64_t devices_phys;
  uint64_t nr_devices;
} PACKED;

struct iommu_domain_ser_a0 {
  struct iommu_obj_ser_a obj;
  uint64_t top_table;
  uint64_t top_level;
  uint64_t attach_count;
  uint64_t restored_domain;
} PACKED;
struct iommu_device_ser_a0 {
  struct iommu_obj_ser_a obj;
  uint64_t token;
  uint32_t devid;
  uint32_t pci_domain;
  uint32_t did;
  uint32_t padding;
  uint64_t domain_phys;
  uint64_t iommu_phys;
  uint32_t type;
} PACKED;
struct iommu_hw_ser_a0 {
  struct iommu_obj_ser_a obj;
  uint8_t padding[7];
  uint64_t token;
  uint32_t type;
  uint64_t phys_addr;
  uint64_t root_table;
  uint32_t tail;
} PACKED;

struct iommu_domain_ser_a1 {
  struct iommu_obj_ser_a obj;
  uint64_t top_table;
  uint64_t top_level;
  uint64_t restored_domain;
} PACKED;
struct iommu_device_ser_a1 {
  struct iommu_obj_ser_a obj;
  uint64_t token;
  uint32_t devid;
  uint32_t pci_domain;
  uint32_t did;
  uint64_t domain_phys;
  uint64_t iommu_phys;
  uint32_t type;  // never written
} PACKED;
struct iommu_hw_ser_a1 {
  struct iommu_obj_ser_a obj;
  uint64_t token;
  uint32_t type;
  uint64_t phys_addr;
  uint64_t root_table;
} PACKED;

// B, C: no totals, no indexes.
struct iommu_flb_ser_bc {
  uint64_t iommu_array_phys;
  uint64_t iommu_domain_array_phys;
  uint64_t device_array_phys;
} PACKED;

struct iommu_hdr_ser_b {
  uint32_t ref_count;
  uint8_t flags;
} PACKED;
struct iommu_domain_ser_b {
  struct iommu_hdr_ser_b hdr;
  uint64_t top_table_phys;
  uint64_t top_level;
  uint32_t vasz;
  uint8_t sign_extend;
  uint64_t restored_domain;
} PACKED;
struct iommu_device_ser_b {
  struct iommu_hdr_ser_b hdr;
  uint32_t devid;
  uint32_t pci_domain_nr;
  uint64_t attachment_id;
  uint64_t domain_phys;
  uint64_t iommu_phys;
} PACKED;
struct iommu_hw_ser_b {
  struct iommu_hdr_ser_b hdr;
  uint64_t token;
  uint64_t type;
} PACKED;

// C and D share their records; C grows with the drivers that were built.
struct iommu_hdr_ser {
  uint32_t ref_count;
  uint32_t flags;
} PACKED;
struct iommu_domain_ser {
  struct iommu_hdr_ser hdr;
  uint64_t top_table_phys;
  uint64_t top_level;
  uint32_t vasz;
  uint8_t sign_extend;
  uint64_t restored_domain;
} PACKED;
struct iommu_device_ser {
  struct iommu_hdr_ser hdr;
  uint32_t devid;
  uint32_t pci_domain_nr;
  uint64_t attachment_id;
  uint64_t domain_phys;
  uint64_t iommu_phys;
} PACKED;
struct iommu_hw_ser {
  struct iommu_hdr_ser hdr;
  uint64_t token;
  uint64_t type;
} PACKED;

struct iommu_device_ser_intel {
  struct iommu_device_ser base;
  uint64_t pasid_table;
  uint64_t max_pasid;
} PACKED;
struct iommu_hw_ser_intel {
  struct iommu_hw_ser base;
  uint8_t restored;
  uint8_t padding[7];
  uint64_t phys_addr;
  uint64_t root_table;
  uint64_t context_tables_bitmap[8];  // bit (bus << 1) + (devfn >> 7)
} PACKED;

struct iommu_device_ser_smmuv3 {
  struct iommu_device_ser base;
  uint64_t l1_cdtab_lu_state;
  uint32_t num_l2_cdtables;
  uint32_t padding;
  uint64_t l2_cdtab_lu_states_phys;
} PACKED;
struct iommu_hw_ser_smmuv3 {
  struct iommu_hw_ser base;
  uint64_t phys_addr;
  uint64_t strtab_base;
  uint64_t strtab_base_cfg;
  uint64_t l1_strtab_lu_state;
  uint32_t num_l2_tables;
  uint32_t padding;
  uint64_t l2_strtab_lu_states_phys;
  uint8_t rest[40];  // the union is as large as the Intel part
} PACKED;
// E: D with the parts of both drivers.
struct iommu_domain_ser_e {
  struct iommu_hdr_ser hdr;
  uint64_t top_table_phys;
  uint64_t top_level;
  uint32_t vasz;
  uint8_t sign_extend;
  uint8_t padding[3];
  uint64_t restored_domain;
} PACKED;
struct iommu_device_ser_e {
  struct iommu_hdr_ser hdr;
  uint32_t devid;
  uint32_t pci_domain_nr;
  uint64_t dma_owner_token;
  uint64_t attachment_id;
  uint64_t domain_phys;
  uint64_t iommu_phys;
  union {
    struct {
      uint8_t restored;
      uint8_t padding[7];
      uint64_t pasid_table;
      uint64_t max_pasid;
    } PACKED;
    struct {
      uint64_t l1_cdtab_lu_state;
      uint32_t num_l2_cdtables;
      uint32_t smmuv3_padding;
      uint64_t l2_cdtab_lu_states_phys;
    } PACKED;
  };
} PACKED;
struct iommu_hw_ser_e_smmuv3 {
  struct iommu_hw_ser base;
  uint64_t phys_addr;
  uint64_t strtab_base_cfg;
  uint64_t l1_strtab_lu_state;
  uint64_t l2_strtab_lu_states_phys;  // by the number of the word of level 1
  uint8_t rest[56];                   // the union is as large as the Intel part
} PACKED;
struct dma_alloc_ser {
  uint64_t iova;
  uint64_t nr_pages;
  uint8_t is_folio;
  uint8_t is_contiguous;
  uint64_t page_phys[];
} PACKED;

struct iommu_flb_ser_d {
  uint64_t version;
  uint64_t iommu_array_phys;
  uint64_t iommu_domain_array_phys;
  uint64_t device_array_phys;
} PACKED;

_Static_assert(sizeof(struct iommu_array_ser) == 16, "array header");
_Static_assert(sizeof(struct iommu_obj_ser_a) == 9, "iommu_obj_ser");
_Static_assert(sizeof(struct iommu_flb_ser_a) == 48, "flb A");
_Static_assert(sizeof(struct iommu_domain_ser_a0) == 41, "domain A0");
_Static_assert(sizeof(struct iommu_device_ser_a0) == 53, "device A0");
_Static_assert(sizeof(struct iommu_hw_ser_a0) == 48, "hw A0");
_Static_assert(offsetof(struct iommu_hw_ser_a0, root_table) == 36, "hw A0");
_Static_assert(sizeof(struct iommu_domain_ser_a1) == 33, "domain A1");
_Static_assert(sizeof(struct iommu_device_ser_a1) == 49, "device A1");
_Static_assert(sizeof(struct iommu_hw_ser_a1) == 37, "hw A1");
_Static_assert(sizeof(struct iommu_flb_ser_bc) == 24, "flb B, C");
_Static_assert(sizeof(struct iommu_hdr_ser_b) == 5, "hdr B");
_Static_assert(sizeof(struct iommu_domain_ser_b) == 34, "domain B");
_Static_assert(sizeof(struct iommu_device_ser_b) == 37, "device B");
_Static_assert(sizeof(struct iommu_hw_ser_b) == 21, "hw B");
_Static_assert(sizeof(struct iommu_domain_ser) == 37, "domain C, D");
_Static_assert(sizeof(struct iommu_device_ser) == 40, "device C, D");
_Static_assert(sizeof(struct iommu_hw_ser) == 24, "hw C, D");
_Static_assert(sizeof(struct iommu_device_ser_intel) == 56, "device C, Intel");
_Static_assert(sizeof(struct iommu_hw_ser_intel) == 112, "hw C, Intel");
_Static_assert(sizeof(struct iommu_device_ser_smmuv3) == 64, "device C, SMMUv3");
_Static_assert(sizeof(struct iommu_hw_ser_smmuv3) == 112, "hw C, SMMUv3");
_Static_assert(sizeof(struct iommu_domain_ser_e) == 40, "domain E");
_Static_assert(sizeof(struct iommu_device_ser_e) == 72, "device E");
_Static_assert(offsetof(struct iommu_device_ser_e, pasid_table) == 56, "device E");
_Static_assert(sizeof(struct iommu_hw_ser_e_smmuv3) == 112, "hw E, SMMUv3");
_Static_assert(offsetof(struct dma_alloc_ser, page_phys) == 18, "dma_alloc_ser");
_Static_assert(sizeof(struct iommu_flb_ser_d) == 32, "flb D");
