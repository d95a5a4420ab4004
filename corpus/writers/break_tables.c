// Breaks of the tables that hardware reads.
#include <string.h>

#include "break_devices.h"

static void layout_a(struct scenario* scenario) { with_bundle(scenario, "2026-02"); }
static void layout_c_intel(struct scenario* scenario) { with_bundle(scenario, "2026-06-intel"); }

#define ADDRESS UINT64_C(0x000ffffffffff000)

// The entry of the given level on the way to the first mapped page of domain 0.
static uint64_t* entry(struct image* image, size_t domain, unsigned level) {
  uint64_t table = image->devices.domains[domain].top_table;
  for (unsigned at = image->devices.domains[domain].top_level;; at--) {
    uint64_t* slot = AT(uint64_t, table);
    while (!*slot) slot++;
    if (at == level) return slot;
    table = *slot & ADDRESS;
  }
}
static uint64_t table_below(struct image* image, unsigned level) { return *entry(image, 0, level) & ADDRESS; }
static void point(struct image* image, unsigned level, uint64_t pa) {
  uint64_t* slot = entry(image, 0, level);
  *slot = (*slot & ~ADDRESS) | pa;
}

static void top_without_key(struct image* image) {
  map_del(&image->map, image->devices.domains[0].top_table, 0);
}
static void top_zero(struct image* image) { iommu_domain(image, 0)->top_table_phys = 0; }
static void top_unaligned(struct image* image) { iommu_domain(image, 0)->top_table_phys += 8; }
static void table_without_key(struct image* image) { map_del(&image->map, table_below(image, 2), 0); }
static void leaf_table_without_key(struct image* image) { map_del(&image->map, table_below(image, 1), 0); }
static void table_beyond_ram(struct image* image) { point(image, 2, NOWHERE); }
static void table_cycle(struct image* image) { point(image, 2, image->devices.domains[0].top_table); }
// Domain 2 is of the same session: its tables map the same memory.
static void table_of_two_domains(struct image* image) {
  uint64_t* slot = entry(image, 2, 1);
  *slot = (*slot & ~ADDRESS) | table_below(image, 1);
}
static void level_and_size(struct image* image) { iommu_domain(image, 0)->vasz = 57; }
static void level_huge(struct image* image) { iommu_domain(image, 0)->top_level = 9; }

static void leaf(struct image* image, uint64_t pa) { point(image, 0, pa); }
static void leaf_unpreserved(struct image* image) { leaf(image, 39 * image->arena.unit); }
static void leaf_of_other_session(struct image* image) {
  leaf(image, folio_pa(image, memfd_folio(image, &file_of(image, 1, 0)->memfd, 0)));
}
static void leaf_on_mmio(struct image* image) { leaf(image, NOWHERE); }
static void leaf_on_luo(struct image* image) { leaf(image, image->luo); }
static void leaf_on_itself(struct image* image) { leaf(image, table_below(image, 1)); }
static void leaf_on_array(struct image* image) { leaf(image, image->devices.arrays[HW_ARRAY].pages[0]); }
static void leaf_on_radix(struct image* image) { leaf(image, image->map.root); }

static struct iommu_hw_ser_intel* unit(struct image* image) {
  return AT(struct iommu_hw_ser_intel, image->devices.units[0].ser);
}
static struct iommu_device_ser_intel* device(struct image* image) {
  return AT(struct iommu_device_ser_intel, device_of(image, 0)->iommu);
}
static void root_without_key(struct image* image) {
  map_del(&image->map, image->devices.units[0].root_table, 0);
}
static uint64_t* root_entry(struct image* image) {
  uint64_t* slot = AT(uint64_t, image->devices.units[0].root_table);
  while (!*slot) slot++;
  return slot;
}
static void context_without_key(struct image* image) {
  map_del(&image->map, *root_entry(image) & ADDRESS, 0);
}
static void bitmap_missing(struct image* image) {
  for (unsigned i = 0; i < 8; i++) unit(image)->context_tables_bitmap[i] = 0;
}
static void bitmap_more(struct image* image) { unit(image)->context_tables_bitmap[7] |= UINT64_C(1) << 63; }
static void directory_without_key(struct image* image) {
  map_del(&image->map, device_of(image, 0)->pasid_directory, 1);
}
// Early code preserved one page of a directory that has two.
static void directory_too_small(struct image* image) {
  map_del(&image->map, device_of(image, 0)->pasid_directory, 1);
  map_add(&image->map, device_of(image, 0)->pasid_directory, 0);
}
static void pasid_huge(struct image* image) { device(image)->max_pasid = 1 << 20; }
static void pasid_table_without_key(struct image* image) {
  map_del(&image->map, *AT(uint64_t, device_of(image, 0)->pasid_directory) & ADDRESS, 0);
}

static void root_null(struct image* image) { unit(image)->root_table = 0; }
// The way that a unit goes for the first device: its context entry, and the entry of its PASID table.
static uint64_t* context_entry(struct image* image) {
  const struct device* of = device_of(image, 0);
  const uint64_t table =
      AT(uint64_t, image->devices.units[of->unit].root_table)[2 * (of->bdf >> 8) + (of->bdf >> 7 & 1)];
  return AT(uint64_t, (table & ADDRESS) + (of->bdf & 0x7f) * 32);
}
static void context_table_missing(struct image* image) {
  const struct device* of = device_of(image, 0);
  AT(uint64_t, image->devices.units[of->unit].root_table)[2 * (of->bdf >> 8) + (of->bdf >> 7 & 1)] = 0;
}
// The unit never had a table for the bus: nor has it the bit, nor the key.
static void context_table_unknown(struct image* image) {
  const uint64_t table = *root_entry(image) & ADDRESS;
  const size_t position = (size_t)(root_entry(image) - AT(uint64_t, image->devices.units[0].root_table));
  *root_entry(image) = 0;
  unit(image)->context_tables_bitmap[position / 64] &= ~(UINT64_C(1) << position % 64);
  map_del(&image->map, table, 0);
}
// Device 2 is on the bus of device 0 and of its unit: their root entry is the same.
static void context_of_third(struct image* image) {
  const struct device* of = device_of(image, 2);
  const uint64_t table =
      AT(uint64_t, image->devices.units[of->unit].root_table)[2 * (of->bdf >> 8) + (of->bdf >> 7 & 1)];
  *AT(uint64_t, (table & ADDRESS) + (of->bdf & 0x7f) * 32) = 0;
}
static void context_absent(struct image* image) { *context_entry(image) = 0; }
static void context_of_other(struct image* image) {
  *context_entry(image) = (*context_entry(image) & ~ADDRESS) | device_of(image, 1)->pasid_directory;
}
static void pasid_of_other(struct image* image) {
  uint64_t* pasid = AT(uint64_t, *AT(uint64_t, device_of(image, 0)->pasid_directory) & ADDRESS);
  const struct device* other = device_of(image, 1);
  *pasid = (*pasid & ~ADDRESS) | image->devices.domains[other->iommu_domain].top_table;
}
static void context_of_other_domain(struct image* image) {
  const struct device* of = device_of(image, 0);
  const uint64_t table = AT(uint64_t, image->devices.units[of->unit].root_table)[2 * (of->bdf >> 8)];
  uint64_t* context = AT(uint64_t, (table & ADDRESS) + (of->bdf & 0xff) * 16);
  *context = (*context & ~ADDRESS) | image->devices.domains[device_of(image, 1)->iommu_domain].top_table;
}

static void context_number(struct image* image) {
  const struct device* of = device_of(image, 0);
  const uint64_t table = AT(uint64_t, image->devices.units[of->unit].root_table)[2 * (of->bdf >> 8)];
  AT(uint64_t, (table & ADDRESS) + (of->bdf & 0xff) * 16)[1] += 1 << 8;
}
static void pasid_number(struct image* image) {
  AT(uint64_t, *AT(uint64_t, device_of(image, 0)->pasid_directory) & ADDRESS)[1]++;
}

const struct break_rule table_breaks[] = {
    {"iommu-domain-top-table", "", "The top table of a domain has no key.", with_devices, top_without_key,
     false},
    {"iommu-domain-top-pointer", "", "A domain has no top table.", with_devices, top_zero, false},
    {"iommu-domain-top-pointer", "", "The top table of a domain is not page aligned.", with_devices,
     top_unaligned, false},
    {"iommu-table-preserved", "", "A page table of level 1 has no key.", with_devices, table_without_key,
     false},
    {"iommu-table-preserved", "", "A page table of level 0 has no key.", with_devices, leaf_table_without_key,
     false},
    {"iommu-table-pointer", "", "An entry of a page table leads beyond RAM.", with_devices, table_beyond_ram,
     false},
    {"iommu-table-unshared", "iommu-leaf-memfd,kho-ownership-disjoint", "A page table contains itself.",
     with_devices, table_cycle, false},
    {"iommu-table-unshared", "kho-ownership-disjoint,kho-keys-referenced", "Two domains share a page table.",
     with_devices, table_of_two_domains, false},
    {"iommu-domain-levels", "", "The address size of a domain does not fit its levels.", with_devices,
     level_and_size, false},
    {"iommu-domain-levels", "", "A domain has ten levels.", with_devices, level_huge, false},
    {"iommu-leaf-memfd", "iommufd-memfd-sealed", "DMA goes to a page that is not preserved.", with_devices,
     leaf_unpreserved, false},
    {"iommu-leaf-memfd", "", "DMA goes to a memfd of another session.", with_devices, leaf_of_other_session,
     false},
    {"iommu-leaf-mmio", "", "DMA goes to the registers of another device.", with_devices, leaf_on_mmio,
     false},
    {"iommu-leaf-structure", "iommu-leaf-memfd", "DMA goes to luo_ser.", with_devices, leaf_on_luo, false},
    {"iommu-leaf-structure", "iommu-leaf-memfd", "DMA goes to a page table.", with_devices, leaf_on_itself,
     false},
    {"iommu-leaf-structure", "iommu-leaf-memfd", "DMA goes to an array of units.", with_devices,
     leaf_on_array, false},
    {"iommu-leaf-structure", "iommu-leaf-memfd", "DMA goes to the root of the radix tree.", with_devices,
     leaf_on_radix, false},
    {"iommu-vtd-root-pointer", "", "A unit has no root table.", layout_c_intel, root_null, false},
    {"iommu-vtd-device-context", "iommu-vtd-bitmap,kho-keys-referenced",
     "No root entry serves a device's bus.", layout_c_intel, context_table_missing, false},
    {"iommu-vtd-device-context", "", "No context table was ever made for a device's bus.", layout_c_intel,
     context_table_unknown, false},
    {"iommu-vtd-context-directory", "", "A device's context entry is not present.", layout_c_intel,
     context_absent, false},
    {"iommu-vtd-context-directory", "", "The context entry of a bus's second device is not present.",
     layout_c_intel, context_of_third, false},
    {"iommu-vtd-context-directory", "", "A context entry leads to the PASID directory of another device.",
     layout_c_intel, context_of_other, false},
    {"iommu-vtd-context-domain", "", "Layout A: a context entry leads to the page table of another device.",
     layout_a, context_of_other_domain, false},
    {"iommu-pasid-domain", "", "A PASID entry leads to the page table of another device.", layout_c_intel,
     pasid_of_other, false},
    {"iommu-vtd-context-id", "", "Layout A: a context entry has another domain number than the device.",
     layout_a, context_number, false},
    {"iommu-pasid-id", "", "A PASID entry has another domain number than the device.", layout_c_intel,
     pasid_number, false},
    {"iommu-vtd-root", "", "The root table of a unit has no key.", layout_c_intel, root_without_key, false},
    {"iommu-vtd-context", "", "A context table has no key.", layout_c_intel, context_without_key, false},
    {"iommu-vtd-bitmap", "", "The bitmap names no context table.", layout_c_intel, bitmap_missing, false},
    {"iommu-vtd-bitmap", "", "The bitmap names a context table that is not there.", layout_c_intel,
     bitmap_more, false},
    {"iommu-pasid-directory", "", "A PASID directory has no key.", layout_c_intel, directory_without_key,
     false},
    {"iommu-pasid-directory", "kho-ownership-disjoint",
     "Only the first page of a PASID directory is preserved.", layout_c_intel, directory_too_small, false},
    {"iommu-pasid-directory", "kho-ownership-disjoint", "max_pasid needs a larger PASID directory.",
     layout_c_intel, pasid_huge, false},
    {"iommu-pasid-table", "", "A PASID table has no key.", layout_c_intel, pasid_table_without_key, false},
    {0},
};
