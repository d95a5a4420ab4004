// SMMUv3: the stream table of each unit and the context descriptors of each device,
// with the records by which the driver finds its DMA allocations again.
#include <string.h>

#include "image.h"

enum { STREAMS_PER_L2 = 256, STE_WORDS = 8, CD_WORDS = 8, L1_SPAN = 9 };

static uint64_t allocation_record(struct image* image, uint64_t pa, uint64_t pages) {
  const uint64_t record =
      kho_alloc_preserve_bytes(image, sizeof(struct dma_alloc_ser) + pages * sizeof(uint64_t));
  const struct dma_alloc_ser ser = {
      .iova = UINT64_C(0xff000000) + pa % 0x1000000, .nr_pages = pages, .is_contiguous = 1};
  arena_write(&image->arena, record, &ser, sizeof(ser));
  for (uint64_t i = 0; i < pages; i++) {
    const uint64_t page = pa + i * page_size(&image->arena);
    arena_write(&image->arena, record + sizeof(ser) + i * sizeof(page), &page, sizeof(page));
  }
  return record;
}

static uint64_t l2_bytes(void) { return STREAMS_PER_L2 * STE_WORDS * sizeof(uint64_t); }
static unsigned l2_order(const struct image* image) {
  unsigned order = 0;
  while (page_size(&image->arena) << order < l2_bytes()) order++;
  return order;
}

static uint64_t l2_table(struct image* image, struct unit* unit, unsigned bus) {
  uint64_t* slot = (uint64_t*)arena_at(&image->arena, unit->root_table) + bus;
  const unsigned order = l2_order(image);
  if (*slot) return *slot & UINT64_C(0x000fffffffffffc0);
  const uint64_t table = table_new(image, order);
  *slot = table | L1_SPAN;
  const uint64_t record = allocation_record(image, table, UINT64_C(1) << order);
  // The first form of the list has no gaps, and a count.
  const unsigned place = image->scenario.iommu == IOMMU_C_SMMUV3 ? unit->smmu.num_l2_tables++ : bus;
  ((uint64_t*)arena_at(&image->arena, unit->smmu.l2_strtab_lu_states_phys))[place] = record;
  return table;
}

// Context descriptors in two levels, as for a device with many address spaces.
static uint64_t first_level(struct image* image, struct device* device, uint64_t descriptors) {
  const uint64_t table = table_new(image, 0);
  *(uint64_t*)arena_at(&image->arena, table) = descriptors | 1;
  device->smmu_l2_cdtabs = kho_alloc_preserve(image, REACH_SESSIONS);
  *(uint64_t*)arena_at(&image->arena, device->smmu_l2_cdtabs) = allocation_record(image, descriptors, 1);
  return table;
}

static uint64_t* stream_entry(struct image* image, struct unit* unit, unsigned stream) {
  const uint64_t table = unit->one_level ? unit->root_table + (stream & ~0xffU) * STE_WORDS * sizeof(uint64_t)
                                         : l2_table(image, unit, stream >> 8);
  return (uint64_t*)arena_at(&image->arena, table + (stream & 0xff) * STE_WORDS * sizeof(uint64_t));
}

static void build_stream(struct image* image, struct device* device, struct unit* unit) {
  const struct iommu_domain* domain = &image->devices.domains[device->iommu_domain];
  const uint64_t id = 2 + device->iommu_domain + device->unit;
  // Firmware says which stream a device has; it need not be the number of its function.
  const unsigned stream = unit->one_level ? unit->nr_streams++ : (0x300 + 0x61 * unit->nr_streams++) & 0xffff;
  if (domain->stage2) {
    uint64_t* ste = device->stream_entry = stream_entry(image, unit, stream);
    ste[0] = 6 << 1 | 1;
    ste[2] = id;  // VMID
    ste[3] = domain->top_table;
    return;
  }
  const uint64_t descriptors = table_new(image, 0);
  uint64_t* cd = device->context_descriptor = arena_at(&image->arena, descriptors);
  cd[0] = id << 48 | UINT64_C(1) << 31 | 16;  // ASID, valid, 48-bit addresses
  cd[1] = domain->top_table;
  const bool two_levels = device->bdf % 2 != 0;
  const uint64_t first = two_levels ? first_level(image, device, descriptors) : descriptors;
  device->smmu_l1_cdtab = allocation_record(image, first, 1);
  uint64_t* ste = device->stream_entry = stream_entry(image, unit, stream);
  ste[0] = first | (two_levels ? 2 << 4 : 0) | 5 << 1 | 1;  // stage 1
}

// A table of one level, as large as all devices of the unit need.
static void one_level_table(struct image* image, struct unit* unit) {
  unsigned log2 = 8, order = 0;
  while (1U << log2 < unit->nr_devices) log2++;
  while (page_size(&image->arena) << order < STE_WORDS * sizeof(uint64_t) << log2) order++;
  unit->root_table = table_new(image, order);
  unit->smmu.strtab_base = unit->root_table | UINT64_C(1)
                                                  << 62;  // the register, which allows allocation on reads
  unit->smmu.strtab_base_cfg = log2;
  unit->smmu.l1_strtab_lu_state = allocation_record(image, unit->root_table, UINT64_C(1) << order);
}

// Posted code leaves strtab_base alone.
static void two_level_table(struct image* image, struct unit* unit) {
  unit->root_table = table_new(image, 0);
  unit->smmu.strtab_base_cfg = 1 << 16 | 8 << 6 | 16;  // two levels, split at bit 8, 16 bits of stream id
  unit->smmu.l1_strtab_lu_state = allocation_record(image, unit->root_table, 1);
  unit->smmu.l2_strtab_lu_states_phys = kho_alloc_preserve(image, REACH_SESSIONS);
}

void smmu_build(struct image* image) {
  struct devices* devices = &image->devices;
  for (size_t i = 0; i < devices->nr_units; i++) {
    struct unit* unit = &devices->units[i];
    if (!unit->nr_devices) continue;
    unit->one_level = i % 2;
    (unit->one_level ? one_level_table : two_level_table)(image, unit);
    unit->smmu.phys_addr = unit->token;
  }
  for (size_t i = 0; i < devices->nr_devices; i++)
    build_stream(image, &devices->devices[i], &devices->units[devices->devices[i].unit]);
}
