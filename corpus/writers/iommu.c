// The IOMMU core's FLB: chains of pages of records for units, domains and devices.
#include <string.h>

#include "image.h"

static const size_t sizes[IOMMU_VARIANTS][NR_ARRAYS] = {
    [IOMMU_A0] = {sizeof(struct iommu_hw_ser_a0), sizeof(struct iommu_domain_ser_a0),
                  sizeof(struct iommu_device_ser_a0)},
    [IOMMU_A1] = {sizeof(struct iommu_hw_ser_a1), sizeof(struct iommu_domain_ser_a1),
                  sizeof(struct iommu_device_ser_a1)},
    [IOMMU_B] = {sizeof(struct iommu_hw_ser_b), sizeof(struct iommu_domain_ser_b),
                 sizeof(struct iommu_device_ser_b)},
    [IOMMU_C] = {sizeof(struct iommu_hw_ser), sizeof(struct iommu_domain_ser),
                 sizeof(struct iommu_device_ser)},
    [IOMMU_C_INTEL] = {sizeof(struct iommu_hw_ser_intel), sizeof(struct iommu_domain_ser),
                       sizeof(struct iommu_device_ser_intel)},
    [IOMMU_C_SMMUV3] = {sizeof(struct iommu_hw_ser_smmuv3), sizeof(struct iommu_domain_ser),
                        sizeof(struct iommu_device_ser_smmuv3)},
    [IOMMU_D] = {sizeof(struct iommu_hw_ser), sizeof(struct iommu_domain_ser),
                 sizeof(struct iommu_device_ser)},
    [IOMMU_E_INTEL] = {sizeof(struct iommu_hw_ser_intel), sizeof(struct iommu_domain_ser_e),
                       sizeof(struct iommu_device_ser_e)},
    [IOMMU_E_SMMUV3] = {sizeof(struct iommu_hw_ser_e_smmuv3), sizeof(struct iommu_domain_ser_e),
                        sizeof(struct iommu_device_ser_e)},
};

static uint64_t add_page(struct image* image, struct record_array* array) {
  const uint64_t page = kho_alloc_preserve(image, REACH_SESSIONS);
  if (array->nr_pages) {
    struct iommu_array_ser* last = arena_at(&image->arena, array->pages[array->nr_pages - 1]);
    last->next_array_phys = page;
  }
  array->pages = xrealloc(array->pages, (array->nr_pages + 1) * sizeof(*array->pages));
  array->pages[array->nr_pages++] = page;
  return page;
}

uint64_t iommu_add_slot(struct image* image, int number) {
  struct record_array* array = &image->devices.arrays[number];
  const size_t capacity = (page_size(&image->arena) - sizeof(struct iommu_array_ser)) / array->size;
  struct iommu_array_ser* header = arena_at(&image->arena, array->pages[array->nr_pages - 1]);
  if (header->nr_objs == capacity) header = arena_at(&image->arena, add_page(image, array));
  const uint64_t pa = array->pages[array->nr_pages - 1] + sizeof(*header) + header->nr_objs++ * array->size;
  array->slots = xrealloc(array->slots, (array->nr_slots + 1) * sizeof(*array->slots));
  array->slots[array->nr_slots++] = pa;
  return pa;
}

static struct iommu_obj_ser_a header_a(uint64_t index, uint32_t ref_count, uint32_t flags) {
  return (struct iommu_obj_ser_a){(uint32_t)index, ref_count, (uint8_t)flags};
}

static uint64_t add_unit(struct image* image, const struct unit* unit, uint32_t ref_count, uint32_t flags) {
  const uint64_t pa = iommu_add_slot(image, HW_ARRAY);
  const uint32_t index = (uint32_t)image->devices.arrays[HW_ARRAY].nr_slots - 1;
  const uint32_t type =
      has_smmuv3(image->scenario.iommu) || image->arena.page_shift != 12 ? IOMMU_ARM_SMMUV3 : IOMMU_INTEL;
  const struct iommu_hw_ser base = {{ref_count, flags}, unit->token, type};
  void* ser = arena_at(&image->arena, pa);
  switch (image->scenario.iommu) {
    case IOMMU_A0:
      *(struct iommu_hw_ser_a0*)ser = (struct iommu_hw_ser_a0){.obj = header_a(index, ref_count, flags),
                                                               .token = unit->token,
                                                               .type = IOMMU_INTEL,
                                                               .phys_addr = unit->token,
                                                               .root_table = unit->root_table};
      break;
    case IOMMU_A1:
      *(struct iommu_hw_ser_a1*)ser = (struct iommu_hw_ser_a1){header_a(index, ref_count, flags), unit->token,
                                                               IOMMU_INTEL, unit->token, unit->root_table};
      break;
    case IOMMU_B:
      *(struct iommu_hw_ser_b*)ser =
          (struct iommu_hw_ser_b){{ref_count, (uint8_t)flags}, unit->token, base.type};
      break;
    case IOMMU_E_INTEL:
    case IOMMU_C_INTEL: {
      struct iommu_hw_ser_intel* intel = ser;
      *intel =
          (struct iommu_hw_ser_intel){.base = base, .phys_addr = unit->token, .root_table = unit->root_table};
      memcpy(intel->context_tables_bitmap, unit->bitmap, sizeof(unit->bitmap));
      break;
    }
    case IOMMU_C_SMMUV3:
      *(struct iommu_hw_ser_smmuv3*)ser = unit->smmu;
      ((struct iommu_hw_ser_smmuv3*)ser)->base = base;
      break;
    case IOMMU_E_SMMUV3:
      *(struct iommu_hw_ser_e_smmuv3*)ser =
          (struct iommu_hw_ser_e_smmuv3){.base = base,
                                         .phys_addr = unit->smmu.phys_addr,
                                         .strtab_base_cfg = unit->smmu.strtab_base_cfg,
                                         .l1_strtab_lu_state = unit->smmu.l1_strtab_lu_state,
                                         .l2_strtab_lu_states_phys = unit->smmu.l2_strtab_lu_states_phys};
      break;
    default:
      *(struct iommu_hw_ser*)ser = base;
      break;
  }
  return pa;
}

static uint64_t add_domain(struct image* image, const struct iommu_domain* domain, uint32_t flags) {
  const uint64_t pa = iommu_add_slot(image, DOMAIN_ARRAY);
  const uint32_t index = (uint32_t)image->devices.arrays[DOMAIN_ARRAY].nr_slots - 1;
  void* ser = arena_at(&image->arena, pa);
  switch (image->scenario.iommu) {
    case IOMMU_A0:
      *(struct iommu_domain_ser_a0*)ser =
          (struct iommu_domain_ser_a0){header_a(index, 1, flags), domain->top_table, domain->top_level, 0, 0};
      break;
    case IOMMU_A1:
      *(struct iommu_domain_ser_a1*)ser =
          (struct iommu_domain_ser_a1){header_a(index, 1, flags), domain->top_table, domain->top_level, 0};
      break;
    case IOMMU_B:
      *(struct iommu_domain_ser_b*)ser = (struct iommu_domain_ser_b){
          {1, (uint8_t)flags}, domain->top_table, domain->top_level, domain->vasz, 0, 0};
      break;
    case IOMMU_E_INTEL:
    case IOMMU_E_SMMUV3:
      *(struct iommu_domain_ser_e*)ser = (struct iommu_domain_ser_e){.hdr = {1, flags},
                                                                     .top_table_phys = domain->top_table,
                                                                     .top_level = domain->top_level,
                                                                     .vasz = domain->vasz};
      break;
    default:
      *(struct iommu_domain_ser*)ser =
          (struct iommu_domain_ser){{1, flags}, domain->top_table, domain->top_level, domain->vasz, 0, 0};
      break;
  }
  return pa;
}

// VT-d numbers domains per unit, from 2; SMMUv3 gives ASIDs and VMIDs.
static uint32_t attachment_of(const struct device* device) {
  return (uint32_t)(2 + device->iommu_domain + device->unit);
}

static void add_device_e(const struct image* image, struct iommu_device_ser_e* ser,
                         const struct device* device, struct iommu_device_ser base) {
  *ser = (struct iommu_device_ser_e){.hdr = base.hdr,
                                     .devid = base.devid,
                                     .pci_domain_nr = base.pci_domain_nr,
                                     .dma_owner_token = image->devices.iommufds[device->session].token,
                                     .attachment_id = base.attachment_id,
                                     .domain_phys = base.domain_phys,
                                     .iommu_phys = base.iommu_phys};
  if (image->scenario.iommu == IOMMU_E_INTEL) {
    ser->pasid_table = device->pasid_directory;
    ser->max_pasid = VTD_MAX_PASID;
    return;
  }
  ser->l1_cdtab_lu_state = device->smmu_l1_cdtab;
  ser->num_l2_cdtables = device->smmu_l2_cdtabs != 0;
  ser->l2_cdtab_lu_states_phys = device->smmu_l2_cdtabs;
}

static uint64_t add_device(struct image* image, const struct device* device, uint64_t domain, uint64_t unit,
                           uint32_t flags) {
  const uint64_t pa = iommu_add_slot(image, DEVICE_ARRAY);
  const uint32_t index = (uint32_t)image->devices.arrays[DEVICE_ARRAY].nr_slots - 1;
  const uint64_t token = image->devices.iommufds[device->session].token;
  const uint32_t id = attachment_of(device);
  const struct iommu_device_ser base = {{1, flags}, device->bdf, device->domain, id, domain, unit};
  void* ser = arena_at(&image->arena, pa);
  switch (image->scenario.iommu) {
    case IOMMU_A0:
      *(struct iommu_device_ser_a0*)ser = (struct iommu_device_ser_a0){.obj = header_a(index, 1, flags),
                                                                       .token = token,
                                                                       .devid = device->bdf,
                                                                       .pci_domain = device->domain,
                                                                       .did = id,
                                                                       .domain_phys = domain,
                                                                       .iommu_phys = unit};
      break;
    case IOMMU_A1:
      *(struct iommu_device_ser_a1*)ser = (struct iommu_device_ser_a1){
          header_a(index, 1, flags), token, device->bdf, device->domain, id, domain, unit, 0};
      break;
    case IOMMU_B:
      *(struct iommu_device_ser_b*)ser =
          (struct iommu_device_ser_b){{1, (uint8_t)flags}, device->bdf, device->domain, id, domain, unit};
      break;
    case IOMMU_C_INTEL:
      *(struct iommu_device_ser_intel*)ser =
          (struct iommu_device_ser_intel){base, device->pasid_directory, VTD_MAX_PASID};
      break;
    case IOMMU_C_SMMUV3:
      *(struct iommu_device_ser_smmuv3*)ser =
          (struct iommu_device_ser_smmuv3){.base = base,
                                           .l1_cdtab_lu_state = device->smmu_l1_cdtab,
                                           .num_l2_cdtables = device->smmu_l2_cdtabs != 0,
                                           .l2_cdtab_lu_states_phys = device->smmu_l2_cdtabs};
      break;
    case IOMMU_E_INTEL:
    case IOMMU_E_SMMUV3:
      add_device_e(image, ser, device, base);
      break;
    default:
      *(struct iommu_device_ser*)ser = base;
      break;
  }
  return pa;
}

// What was unpreserved before the jump keeps its slot, its reference count (a unit's
// is 0) and its pointers, which lead nowhere now.
static void add_deleted(struct image* image) {
  struct devices* devices = &image->devices;
  const uint64_t page = page_size(&image->arena);
  const struct iommu_domain gone = {.top_table = 38 * image->arena.unit, .top_level = 3, .vasz = 48};
  const uint64_t token = devices->units[0].token;
  struct unit unit = {
      .token = token, .smmu = {.phys_addr = token}, .root_table = 38 * image->arena.unit + page};
  devices->deleted_unit = add_unit(image, &unit, 0, IOMMU_DELETED);
  devices->deleted_domain = add_domain(image, &gone, IOMMU_DELETED);
}

static void add_deleted_device(struct image* image, size_t number) {
  struct devices* devices = &image->devices;
  // The same function as a live one, or one that is no longer held.
  struct device gone = {.bdf = (uint16_t)(0x1f00 + number), .domain = 7};
  if (!(number & 1)) gone.bdf = devices->devices[0].bdf, gone.domain = devices->devices[0].domain;
  gone.pasid_directory = 38 * image->arena.unit + 2 * page_size(&image->arena);
  devices->deleted_device =
      add_device(image, &gone, devices->deleted_domain, devices->deleted_unit, IOMMU_DELETED);
}

static void add_devices(struct image* image) {
  struct devices* devices = &image->devices;
  size_t deleted = 0;
  for (size_t i = 0; i < devices->nr_devices; i++) {
    struct device* device = &devices->devices[i];
    device->iommu = add_device(image, device, devices->domains[device->iommu_domain].ser,
                               devices->units[device->unit].ser, 0);
    if (deleted < image->scenario.deleted) add_deleted_device(image, deleted++);
  }
}

static void write_flb(struct image* image) {
  struct devices* devices = &image->devices;
  const struct record_array* arrays = devices->arrays;
  void* record = arena_at(&image->arena, devices->iommu);
  switch (image->scenario.iommu) {
    case IOMMU_A0:
    case IOMMU_A1:
      *(struct iommu_flb_ser_a*)record = (struct iommu_flb_ser_a){
          arrays[HW_ARRAY].pages[0],     arrays[HW_ARRAY].nr_slots,     arrays[DOMAIN_ARRAY].pages[0],
          arrays[DOMAIN_ARRAY].nr_slots, arrays[DEVICE_ARRAY].pages[0], arrays[DEVICE_ARRAY].nr_slots};
      break;
    case IOMMU_D:
    case IOMMU_E_INTEL:
    case IOMMU_E_SMMUV3:
      *(struct iommu_flb_ser_d*)record =
          (struct iommu_flb_ser_d){IOMMU_D_VERSION, arrays[HW_ARRAY].pages[0], arrays[DOMAIN_ARRAY].pages[0],
                                   arrays[DEVICE_ARRAY].pages[0]};
      break;
    default:
      *(struct iommu_flb_ser_bc*)record = (struct iommu_flb_ser_bc){
          arrays[HW_ARRAY].pages[0], arrays[DOMAIN_ARRAY].pages[0], arrays[DEVICE_ARRAY].pages[0]};
      break;
  }
}

void iommu_build(struct image* image) {
  struct devices* devices = &image->devices;
  devices->iommu = kho_alloc_preserve(image, REACH_SESSIONS);
  for (int i = 0; i < NR_ARRAYS; i++) {
    devices->arrays[i].size = sizes[image->scenario.iommu][i];
    add_page(image, &devices->arrays[i]);
  }
  tables_build(image);
  if (image->scenario.deleted && devices->nr_devices) add_deleted(image);
  for (size_t i = 0; i < devices->nr_domains; i++)
    devices->domains[i].ser = add_domain(image, &devices->domains[i], 0);
  for (size_t i = 0; i < devices->nr_units; i++)
    if (devices->units[i].nr_devices)
      devices->units[i].ser = add_unit(image, &devices->units[i], devices->units[i].nr_devices, 0);
  add_devices(image);
  write_flb(image);
}
