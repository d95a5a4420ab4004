// Breaks of a chain of array pages, for units, domains and devices alike.
#include "break_devices.h"

static struct record_array* array(struct image* image) {
  return &image->devices.arrays[image->scenario.subject->array];
}
static struct iommu_array_ser* page(struct image* image, size_t i) {
  return AT(struct iommu_array_ser, array(image)->pages[i]);
}
static struct iommu_array_ser* last(struct image* image) { return page(image, array(image)->nr_pages - 1); }

static void fill(struct scenario* scenario, size_t full_pages, size_t further) {
  const size_t per_page = ((UINT64_C(1) << scenario->page_shift) - sizeof(struct iommu_array_ser)) /
                          scenario->subject->entry_size;
  scenario->sessions = 1;
  scenario->files = 1;
  scenario->deleted = 0;
  scenario->bridges = 0;
  scenario->subject->fill(scenario, full_pages * per_page + further);
}
static void one_full_page(struct scenario* scenario) { fill(scenario, 1, 0); }
static void two_full_pages(struct scenario* scenario) { fill(scenario, 2, 0); }
static void two_pages(struct scenario* scenario) { fill(scenario, 1, 1); }

static void fill_units(struct scenario* scenario, size_t count) {
  scenario->units = scenario->devices = (unsigned)count;
}
static void fill_domains(struct scenario* scenario, size_t count) { scenario->domains = (unsigned)count; }
static void fill_devices(struct scenario* scenario, size_t count) { scenario->devices = (unsigned)count; }

const struct break_subject hw_subject = {.prefix = "iommu-unit",
                                         .entry_size = sizeof(struct iommu_hw_ser),
                                         .setup = with_devices,
                                         .fill = fill_units,
                                         .array = HW_ARRAY};
const struct break_subject domain_subject = {.prefix = "iommu-domain",
                                             .entry_size = sizeof(struct iommu_domain_ser),
                                             .setup = with_devices,
                                             .fill = fill_domains,
                                             .array = DOMAIN_ARRAY};
const struct break_subject device_subject = {.prefix = "iommu-device",
                                             .entry_size = sizeof(struct iommu_device_ser),
                                             .setup = with_devices,
                                             .fill = fill_devices,
                                             .array = DEVICE_ARRAY};

static uint64_t* head(struct image* image) {
  return AT(uint64_t, image->devices.iommu + sizeof(uint64_t)) + image->scenario.subject->array;
}
static void head_unaligned(struct image* image) { *head(image) += 8; }
static void head_zero(struct image* image) { *head(image) = 0; }
static void next_unaligned(struct image* image) { last(image)->next_array_phys = array(image)->pages[0] + 8; }
static void next_beyond_ram(struct image* image) { last(image)->next_array_phys = NOWHERE; }
static void without_key(struct image* image) { map_del(&image->map, array(image)->pages[0], 0); }
static void cycle(struct image* image) { last(image)->next_array_phys = array(image)->pages[0]; }
static void count_over(struct image* image) { page(image, 0)->nr_objs++; }
static void count_huge(struct image* image) { page(image, 0)->nr_objs = UINT64_MAX; }
static void empty_page(struct image* image) {
  last(image)->next_array_phys = kho_alloc_preserve(image, REACH_SESSIONS);
}
static void not_full(struct image* image) { page(image, 0)->nr_objs--; }
static void tail(struct image* image) {
  *AT(uint8_t, array(image)->pages[0] + page_size(&image->arena) - 1) = 0x5a;
}
static void foreign_page(struct image* image) {
  const int other = image->scenario.subject->array == HW_ARRAY ? DOMAIN_ARRAY : HW_ARRAY;
  last(image)->next_array_phys = image->devices.arrays[other].pages[0];
}

#define LOST                                                                      \
  "iommu-device-unit,iommu-device-domain,iommu-unit-refcount,iommu-domain-owner," \
  "iommu-device-domain-owner,iommufd-hwpt-domain"

const struct break_rule array_breaks[] = {
    {"iommu-lists-present", LOST, "The head of the chain is 0.", NULL, head_zero, false},
    {"*-page-pointer", LOST, "The head of the chain is not page aligned.", NULL, head_unaligned, false},
    {"*-page-pointer", "", "`next` of the last page is not page aligned.", one_full_page, next_unaligned,
     false},
    {"*-page-pointer", "", "`next` of the last page is beyond RAM.", one_full_page, next_beyond_ram, false},
    {"*-page-preserved", "", "A page of the array has no key.", NULL, without_key, false},
    {"*-pages-acyclic", "", "`next` of the last page leads to the first.", two_full_pages, cycle, false},
    {"*-page-count", "", "The count of a full page is one too large.", one_full_page, count_over, false},
    {"*-page-count", "", "The count of a full page is 2^64 - 1.", one_full_page, count_huge, false},
    {"*-page-full", "", "An empty page follows a full one.", one_full_page, empty_page, false},
    {"*-page-full", LOST ",*-page-tail-zero,kho-keys-referenced", "The first of two pages lacks one record.",
     two_pages, not_full, false},
    {"*-page-tail-zero", "", "The last byte of a page is not zero.", NULL, tail, false},
    {"iommu-list-pages-unique", "kho-ownership-disjoint", "`next` leads into another chain.", one_full_page,
     foreign_page, false},
    {0},
};
