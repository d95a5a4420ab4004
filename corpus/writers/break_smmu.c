// Breaks of the tables that an SMMUv3 reads. Of the devices that are damaged, 0 and 2 are at unit 0,
// whose stream table has two levels, and 1 and 3 at unit 1, whose has one; 2 has a domain of stage 2, 1
// and 3 have context descriptors in two levels.
#include <string.h>

#include "break_devices.h"

#define ADDRESS UINT64_C(0x000ffffffffff000)
#define POINTER UINT64_C(0x000fffffffffffc0)
enum { ASID_SHIFT = 48 };

static void layout_e_smmuv3(struct scenario* scenario) { with_bundle(scenario, "2026-10-smmuv3"); }
static void layout_c_smmuv3(struct scenario* scenario) { with_bundle(scenario, "2026-06-smmuv3"); }

static struct iommu_hw_ser_smmuv3* smmu(struct image* image) {
  return AT(struct iommu_hw_ser_smmuv3, image->devices.units[0].ser);
}
static void drop_record(struct image* image, uint64_t record) { map_del(&image->map, record, 0); }
static void drop_pages(struct image* image, uint64_t record) {
  const struct dma_alloc_ser* ser = AT(struct dma_alloc_ser, record);
  unsigned order = 0;
  while (UINT64_C(1) << order < ser->nr_pages) order++;
  uint64_t page;
  memcpy(&page, (const uint8_t*)ser + sizeof(*ser), sizeof(page));
  map_del(&image->map, page, order);
}
static uint64_t l2_stream(struct image* image) {
  return *AT(uint64_t, smmu(image)->l2_strtab_lu_states_phys);
}
static void smmu_base(struct image* image) { smmu(image)->strtab_base += 64; }
static void smmu_base_of_other(struct image* image) {
  AT(struct iommu_hw_ser_smmuv3, image->devices.units[1].ser)->strtab_base =
      image->devices.units[0].root_table;
}
static void smmu_list(struct image* image) { drop_record(image, smmu(image)->l2_strtab_lu_states_phys); }
static void smmu_stream_record(struct image* image) { drop_record(image, smmu(image)->l1_strtab_lu_state); }
static void smmu_stream_pages(struct image* image) { drop_pages(image, smmu(image)->l1_strtab_lu_state); }
static void smmu_l2_record(struct image* image) { drop_record(image, l2_stream(image)); }
static void smmu_l2_pages(struct image* image) { drop_pages(image, l2_stream(image)); }
static void smmu_context_record(struct image* image) {
  drop_record(image, device_of(image, 0)->smmu_l1_cdtab);
}
static uint64_t smmu_l2_cdtabs(struct image* image) { return device_of(image, 1)->smmu_l2_cdtabs; }
static void smmu_l2_context_list(struct image* image) { drop_record(image, smmu_l2_cdtabs(image)); }
static void smmu_l2_context_record(struct image* image) {
  drop_record(image, *AT(uint64_t, smmu_l2_cdtabs(image)));
}
static void smmu_l2_context_pages(struct image* image) {
  drop_pages(image, *AT(uint64_t, smmu_l2_cdtabs(image)));
}
static void smmu_linear(struct image* image) { smmu(image)->strtab_base_cfg &= ~(UINT64_C(3) << 16); }
static void smmu_few_streams(struct image* image) { smmu(image)->num_l2_tables = 257; }
static void smmu_context_pages(struct image* image) { drop_pages(image, device_of(image, 0)->smmu_l1_cdtab); }

static struct iommu_hw_ser_smmuv3* one_level(struct image* image) {
  return AT(struct iommu_hw_ser_smmuv3, image->devices.units[1].ser);
}
static void streams_beyond_table(struct image* image) { one_level(image)->strtab_base_cfg = 12; }
static void l2_record_short(struct image* image) { AT(struct dma_alloc_ser, l2_stream(image))->nr_pages = 2; }
static uint64_t* l1_word(struct image* image) {
  uint64_t* slot = AT(uint64_t, image->devices.units[0].root_table);
  while (!*slot) slot++;
  return slot;
}
static void l1_elsewhere(struct image* image) {
  *l1_word(image) = (*l1_word(image) & ~POINTER) | image->devices.domains[0].top_table;
}
static void l1_span(struct image* image) { ++*l1_word(image); }
static void l1_empty(struct image* image) { *l1_word(image) = 0; }

static uint64_t* stream_of(struct image* image, size_t i) { return device_of(image, i)->stream_entry; }
static void point(uint64_t* word, uint64_t pa) { *word = (*word & ~POINTER) | pa; }
static void stream_abort(struct image* image) { stream_of(image, 0)[0] = 1; }
static void stream_invalid(struct image* image) { stream_of(image, 1)[0] &= ~UINT64_C(1); }
static void stream_of_other(struct image* image) { *stream_of(image, 3) = *stream_of(image, 1); }
static void stream_levels(struct image* image) { stream_of(image, 1)[0] &= ~(UINT64_C(3) << 4); }
static void stream_bypass(struct image* image) { stream_of(image, 2)[0] = 4 << 1 | 1; }
static void stage2_of_other(struct image* image) {
  stream_of(image, 2)[3] = image->devices.domains[0].top_table;
}
static void stage2_vmid(struct image* image) { stream_of(image, 2)[2]++; }

static uint64_t* context_of(struct image* image, size_t i) { return device_of(image, i)->context_descriptor; }
static void context_invalid(struct image* image) { context_of(image, 0)[0] &= ~(UINT64_C(1) << 31); }
static void context_of_other(struct image* image) {
  context_of(image, 0)[1] = image->devices.domains[1].top_table;
}
static void context_asid(struct image* image) { context_of(image, 0)[0] += UINT64_C(1) << ASID_SHIFT; }
static void l2_context_of_other(struct image* image) {
  context_of(image, 1)[1] = image->devices.domains[0].top_table;
}
static void l2_context_asid(struct image* image) { context_of(image, 1)[0] += UINT64_C(1) << ASID_SHIFT; }
static uint64_t* context_word(struct image* image) { return AT(uint64_t, stream_of(image, 1)[0] & POINTER); }
static void context_word_empty(struct image* image) { *context_word(image) = 0; }
static void context_word_elsewhere(struct image* image) {
  point(context_word(image), *AT(uint64_t, stream_of(image, 3)[0] & POINTER) & ADDRESS);
}

static struct iommu_hw_ser_e_smmuv3* sparse(struct image* image) {
  return AT(struct iommu_hw_ser_e_smmuv3, image->devices.units[0].ser);
}
static void sparse_moved(struct image* image) {
  uint64_t* slot = AT(uint64_t, sparse(image)->l2_strtab_lu_states_phys);
  while (!*slot) slot++;
  slot[-1] = *slot;
  *slot = 0;
}
static void sparse_without_list(struct image* image) { sparse(image)->l2_strtab_lu_states_phys = 0; }
static void sparse_without_key(struct image* image) {
  drop_record(image, sparse(image)->l2_strtab_lu_states_phys);
}

const struct break_rule smmu_breaks[] = {
    {"iommu-smmu-stream-base", "", "The stream table's address is off by one entry.", layout_c_smmuv3,
     smmu_base, false},
    {"iommu-smmu-stream-record-preserved", "", "The record of a stream table has no key.", layout_c_smmuv3,
     smmu_stream_record, false},
    {"iommu-smmu-stream-pages", "iommu-smmu-stream-base", "A stream table has no key.", layout_c_smmuv3,
     smmu_stream_pages, false},
    {"iommu-smmu-l2-list", "", "The list of stream tables has no key.", layout_c_smmuv3, smmu_list, false},
    {"iommu-smmu-l2-stream-record-preserved", "", "The record of a level 2 stream table has no key.",
     layout_c_smmuv3, smmu_l2_record, false},
    {"iommu-smmu-l2-stream-pages", "", "A level 2 stream table has no key.", layout_c_smmuv3, smmu_l2_pages,
     false},
    {"iommu-smmu-contexts-record-preserved", "", "The record of a context descriptor table has no key.",
     layout_c_smmuv3, smmu_context_record, false},
    {"iommu-smmu-stream-config", "", "The unit is set to a table of one level.", layout_c_smmuv3, smmu_linear,
     false},
    {"iommu-smmu-stream-config", "", "The unit is set to fewer streams than its tables have.",
     layout_c_smmuv3, smmu_few_streams, false},
    {"iommu-smmu-l2-contexts-list", "", "The list of context descriptor tables has no key.", layout_c_smmuv3,
     smmu_l2_context_list, false},
    {"iommu-smmu-l2-contexts-record-preserved", "",
     "The record of a level 2 context descriptor table has no key.", layout_c_smmuv3, smmu_l2_context_record,
     false},
    {"iommu-smmu-l2-contexts-pages", "", "A level 2 context descriptor table has no key.", layout_c_smmuv3,
     smmu_l2_context_pages, false},
    {"iommu-smmu-contexts-pages", "", "A context descriptor table has no key.", layout_c_smmuv3,
     smmu_context_pages, false},
    {"iommu-smmu-stream-base", "", "A unit has the stream table of another.", layout_c_smmuv3,
     smmu_base_of_other, false},
    {"iommu-smmu-stream-size", "", "The unit is set to more streams than its table has.", layout_c_smmuv3,
     streams_beyond_table, false},
    {"iommu-smmu-l2-stream-size", "kho-keys-referenced",
     "The record of a level 2 stream table has half of it.", layout_c_smmuv3, l2_record_short, false},
    {"iommu-smmu-l1-table", "", "A stream table leads to a level 2 table that nobody preserved.",
     layout_c_smmuv3, l1_elsewhere, false},
    {"iommu-smmu-l1-table", "", "A word of a stream table spans twice as many streams.", layout_c_smmuv3,
     l1_span, false},
    {"iommu-smmu-l2-stream-used", "", "A preserved level 2 stream table that no stream goes through.",
     layout_c_smmuv3, l1_empty, false},
    {"iommu-smmu-device-context", "", "The stream of a device is aborted.", layout_c_smmuv3, stream_abort,
     false},
    {"iommu-smmu-device-context", "", "The stream of a device has no valid entry, in a table of one level.",
     layout_c_smmuv3, stream_invalid, false},
    {"iommu-smmu-device-context", "", "The stream of a device leads to the context descriptors of another.",
     layout_c_smmuv3, stream_of_other, false},
    {"iommu-smmu-device-context", "", "The entry of a stream says one level of context descriptors.",
     layout_c_smmuv3, stream_levels, false},
    {"iommu-smmu-device-stage2", "", "The stream of a device with a domain of stage 2 is not translated.",
     layout_c_smmuv3, stream_bypass, false},
    {"iommu-smmu-device-stage2", "", "The stream of a device has the page table of another domain.",
     layout_c_smmuv3, stage2_of_other, false},
    {"iommu-smmu-device-vmid", "", "The VMID of a stream is not that of its device.", layout_c_smmuv3,
     stage2_vmid, false},
    {"iommu-smmu-context-domain", "", "The context descriptor of a device is not valid.", layout_c_smmuv3,
     context_invalid, false},
    {"iommu-smmu-context-domain", "", "A context descriptor has the page table of another domain.",
     layout_c_smmuv3, context_of_other, false},
    {"iommu-smmu-context-asid", "", "The ASID of a context descriptor is not that of its device.",
     layout_c_smmuv3, context_asid, false},
    {"iommu-smmu-l2-context-domain", "", "A level 2 context descriptor has the page table of another domain.",
     layout_c_smmuv3, l2_context_of_other, false},
    {"iommu-smmu-l2-context-asid", "", "The ASID of a level 2 context descriptor is not that of its device.",
     layout_c_smmuv3, l2_context_asid, false},
    {"iommu-smmu-l1-context", "", "A device has no first context descriptor.", layout_c_smmuv3,
     context_word_empty, false},
    {"iommu-smmu-l1-context", "", "Level 1 of a device's context descriptors leads to those of another.",
     layout_c_smmuv3, context_word_elsewhere, false},
    {"iommu-smmu-l1-table", "", "A list by words of level 1 has a stream table in the place of another.",
     layout_e_smmuv3, sparse_moved, false},
    {"iommu-smmu-stream-config", "kho-keys-referenced", "Two levels, and no list of stream tables.",
     layout_e_smmuv3, sparse_without_list, false},
    {"iommu-smmu-l2-list", "", "The list of stream tables by words of level 1 has no key.", layout_e_smmuv3,
     sparse_without_key, false},
    {"iommu-smmu-context-asid", "", "Layout E: the ASID of a context descriptor is not that of its device.",
     layout_e_smmuv3, context_asid, false},
    {0},
};
