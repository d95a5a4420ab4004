// The tables that hardware reads: page tables of domains, and for VT-d what leads to them.
#include <string.h>

#include "image.h"

uint64_t table_new(struct image* image, unsigned order) {
  struct arena* arena = &image->arena;
  struct devices* devices = &image->devices;
  const uint64_t pa = arena_alloc(arena, order);
  map_add(&image->map, pa, order);
  for (uint64_t i = 0; i < UINT64_C(1) << order; i++) {
    arena_make_page(arena, pa + i * page_size(arena), REACH_SESSIONS);
    devices->tables = xrealloc(devices->tables, (devices->nr_tables + 1) * sizeof(*devices->tables));
    devices->tables[devices->nr_tables++] = pa + i * page_size(arena);
  }
  return pa;
}

// VT-d second stage: bit 0 read, bit 1 write, bit 7 a leaf above level 0.
// LPAE: bit 0 valid, bit 1 a table or a page, not a block; bit 10 accessed.
enum {
  ENTRY_TABLE = 3,
  VTD_LEAF = 3,
  VTD_LARGE = 0x83,
  LPAE_PAGE = 0x403,
  LPAE_BLOCK = 0x401,
  LEVEL_BITS = 9
};
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)

static uint64_t leaf_bits(const struct image* image, unsigned level) {
  if (has_smmuv3(image->scenario.iommu)) return level ? LPAE_BLOCK : LPAE_PAGE;
  return level ? VTD_LARGE : VTD_LEAF;
}

static void map_page(struct image* image, const struct iommu_domain* domain, uint64_t iova, uint64_t pa,
                     unsigned leaf_level) {
  uint64_t table = domain->top_table;
  for (unsigned level = domain->top_level;; level--) {
    const uint64_t index = iova >> (12 + LEVEL_BITS * level) & 511;
    uint64_t* entry = (uint64_t*)arena_at(&image->arena, table) + index;
    if (level == leaf_level) {
      *entry = pa | leaf_bits(image, level);
      return;
    }
    if (!*entry) {
      const uint64_t below = table_new(image, 0);
      *(uint64_t*)arena_at(&image->arena, table + index * 8) = below | ENTRY_TABLE;
    }
    table = *(uint64_t*)arena_at(&image->arena, table + index * 8) & ENTRY_ADDRESS;
  }
}

// Guest memory: the pages of the session's memfds, one after the other from 1 GiB.
static void map_memfds(struct image* image, const struct iommu_domain* domain) {
  const struct session* session = &image->sessions[domain->session];
  uint64_t iova = UINT64_C(1) << 30;
  for (size_t i = 0; i < image->scenario.files; i++) {
    const struct memfd* memfd = &session->files[i].memfd;
    const uint64_t most = memfd->nr_folios < 64 ? memfd->nr_folios : 64;
    for (uint64_t j = 0; j < most; j++) {
      const uint64_t pa = folio_pa(image, memfd_folio(image, memfd, j));
      const unsigned order = memfd->orders[j];
      const uint64_t bytes = UINT64_C(0x1000) << order;
      iova = (iova + bytes - 1) & ~(bytes - 1);
      if (order == LEVEL_BITS)
        map_page(image, domain, iova, pa, 1);
      else
        for (uint64_t at = 0; at < bytes; at += 0x1000) map_page(image, domain, iova + at, pa + at, 0);
      iova += bytes;
    }
  }
}

static void vtd_context(struct image* image, const struct device* device, struct unit* unit) {
  const struct iommu_domain* domain = &image->devices.domains[device->iommu_domain];
  const bool scalable = has_vtd(image->scenario.iommu);
  const unsigned bus = device->bdf >> 8, devfn = device->bdf & 0xff;
  const unsigned half = scalable && devfn >= 0x80;
  uint64_t* root = (uint64_t*)arena_at(&image->arena, unit->root_table) + 2 * bus + half;
  if (!*root) {
    *root = table_new(image, 0) | 1;
    unit->bitmap[(2 * bus + half) / 64] |= UINT64_C(1) << (2 * bus + half) % 64;
  }
  const uint64_t table = *root & ENTRY_ADDRESS;
  if (scalable) {
    // Present, device TLB; the directory's size is coded as log2(entries) - 7.
    uint64_t* context = (uint64_t*)arena_at(&image->arena, table) + 4 * (devfn & 0x7f);
    context[0] = device->pasid_directory | 3 << 9 | 1;
    return;
  }
  uint64_t* context = (uint64_t*)arena_at(&image->arena, table) + 2 * devfn;
  context[0] = domain->top_table | 1;
  context[1] = (uint64_t)(2 + device->iommu_domain + device->unit) << 8 | (domain->top_level - 1);
}

static void vtd_pasid(struct image* image, struct device* device) {
  const struct iommu_domain* domain = &image->devices.domains[device->iommu_domain];
  device->pasid_directory = table_new(image, 1);  // VTD_MAX_PASID / 64 entries of 8 bytes
  const uint64_t table = table_new(image, 0);
  *(uint64_t*)arena_at(&image->arena, device->pasid_directory) = table | 1;
  // Entry 0 serves requests without a PASID: second stage.
  uint64_t* entry = arena_at(&image->arena, table);
  entry[0] = domain->top_table | 2 << 6 | (uint64_t)(domain->top_level - 1) << 2 | 1;
  entry[1] = 2 + device->iommu_domain + device->unit;
}

static void vtd_build(struct image* image) {
  struct devices* devices = &image->devices;
  for (size_t i = 0; i < devices->nr_units; i++)
    if (devices->units[i].nr_devices) devices->units[i].root_table = table_new(image, 0);
  for (size_t i = 0; i < devices->nr_devices; i++) {
    struct device* device = &devices->devices[i];
    if (has_vtd(image->scenario.iommu)) vtd_pasid(image, device);
    vtd_context(image, device, &devices->units[device->unit]);
  }
}

void tables_build(struct image* image) {
  struct devices* devices = &image->devices;
  const bool small_pages = image->arena.page_shift == 12;
  for (size_t i = 0; i < devices->nr_domains; i++) {
    devices->domains[i].top_table = table_new(image, 0);
    if (small_pages) map_memfds(image, &devices->domains[i]);
  }
  const enum iommu_variant variant = image->scenario.iommu;
  if (small_pages && (variant == IOMMU_A0 || variant == IOMMU_A1 || has_vtd(variant))) vtd_build(image);
  if (has_smmuv3(variant)) smmu_build(image);
}

void tables_drop(struct image* image) {
  for (size_t i = 0; i < image->devices.nr_tables; i++)
    arena_drop_page(&image->arena, image->devices.tables[i]);
}
