// Preserved devices of an image under construction: PCI functions, the units and
// domains that translate their DMA, and the files that hold them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi_iommu.h"
#include "abi_pci.h"
#include "abi_vfio.h"
#include "chain.h"

struct image;
struct scenario;

enum pci_variant { PCI_NONE, PCI_A, PCI_B, PCI_C, PCI_D, PCI_E, PCI_F1, PCI_F2, PCI_VARIANTS };
enum vfio_variant { VFIO_NONE, VFIO_R0, VFIO_R1, VFIO_R2, VFIO_R3, VFIO_R4, VFIO_R5, VFIO_VARIANTS };
enum iommu_variant {
  IOMMU_NONE,
  IOMMU_A0,
  IOMMU_A1,
  IOMMU_B,
  IOMMU_C,
  IOMMU_C_INTEL,
  IOMMU_C_SMMUV3,
  IOMMU_D,
  IOMMU_E_INTEL,
  IOMMU_E_SMMUV3,
  IOMMU_VARIANTS
};
enum iommufd_variant { IOMMUFD_NONE, IOMMUFD_0, IOMMUFD_1, IOMMUFD_2, IOMMUFD_VARIANTS };
extern const char* const pci_names[PCI_VARIANTS];
extern const char* const vfio_names[VFIO_VARIANTS];
extern const char* const iommu_names[IOMMU_VARIANTS];
static inline bool has_smmuv3(enum iommu_variant variant) {
  return variant == IOMMU_C_SMMUV3 || variant == IOMMU_E_SMMUV3;
}
// In scalable mode, with PASID tables.
static inline bool has_vtd(enum iommu_variant variant) {
  return variant == IOMMU_C_INTEL || variant == IOMMU_E_INTEL;
}
extern const char* const iommufd_names[IOMMUFD_VARIANTS];

// What a tree of a posted series writes.
struct bundle {
  const char* name;
  enum pci_variant pci;
  enum vfio_variant vfio;
  enum iommu_variant iommu;
  enum iommufd_variant iommufd;
  const char* what;
};
void bundle_apply(struct scenario* scenario, const char* name);
void bundle_list(void);

struct bridge {
  uint16_t bdf;
  unsigned endpoints;
  uint64_t ser;  // pci_dev_ser
};

struct device {
  uint32_t domain;
  uint16_t bdf;
  size_t session;
  struct bridge* bridge;
  size_t unit;
  size_t iommu_domain;
  uint64_t pci;    // pci_dev_ser
  uint64_t iommu;  // slot
  uint64_t file;   // luo_file_ser
  uint64_t record;
  uint64_t pasid_directory;
  uint64_t smmu_l1_cdtab;
  uint64_t smmu_l2_cdtabs;  // list of the records of its second level, one entry; 0: one level
  uint64_t *stream_entry, *context_descriptor;  // SMMUv3
};

struct iommu_domain {
  size_t session;
  uint64_t top_table;
  unsigned top_level;
  unsigned vasz;
  bool stage2;  // SMMUv3
  uint64_t token;
  uint64_t hwpt;
  uint64_t ser;  // slot
};

struct unit {
  uint64_t token;
  uint64_t root_table;
  uint64_t bitmap[8];
  struct iommu_hw_ser_smmuv3 smmu;
  bool one_level;  // its stream table
  unsigned nr_streams;
  unsigned nr_devices;
  uint64_t ser;  // slot
};

enum { VTD_MAX_PASID = 1 << 16 };
enum { HW_ARRAY, DOMAIN_ARRAY, DEVICE_ARRAY, NR_ARRAYS };
struct record_array {
  size_t size;
  uint64_t* pages;
  size_t nr_pages;
  uint64_t* slots;
  size_t nr_slots;
};

struct iommufd {
  uint64_t file;
  uint64_t record;
  uint64_t token;
  size_t nr_hwpts;
};

struct devices {
  struct device* devices;
  size_t nr_devices;
  struct bridge* bridges;
  size_t nr_bridges;
  struct iommu_domain* domains;
  size_t nr_domains;
  struct unit* units;
  size_t nr_units;
  struct iommufd* iommufds;  // one per session

  size_t hidden_functions;  // the first devices: the host does not have them
  bool one_group;           // all devices share an IOMMU group

  uint64_t pci;             // pci_ser
  struct chain pci_blocks;  // variants E and F
  uint64_t* pci_slots;
  size_t nr_pci_slots;
  uint64_t iommu;  // flb record
  struct record_array arrays[NR_ARRAYS];
  // Slots of unpreserved objects, 0 without.
  uint64_t deleted_device, deleted_domain, deleted_unit;

  uint64_t* tables;  // pages of hardware tables
  size_t nr_tables;
  uint64_t pci_flb, iommu_flb;  // luo_flb_ser
};

// devices.c
void devices_plan(struct image* image);  // who is where; before sessions are built
size_t devices_files(const struct image* image, size_t session);
void devices_build(struct image* image);  // records; after memfds are built
void devices_free(struct devices* devices);

// pci.c, iommu.c, iommu_tables.c, device_files.c
void pci_build(struct image* image);
void iommu_build(struct image* image);
uint64_t iommu_add_slot(struct image* image, int array);
void tables_build(struct image* image);
void tables_drop(struct image* image);
uint64_t table_new(struct image* image, unsigned order);
void smmu_build(struct image* image);
void iommufd_build(struct image* image);
void vfio_build(struct image* image);
