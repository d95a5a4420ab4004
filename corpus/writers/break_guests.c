// Breaks of guests: memory on hugetlbfs, KVM, guest_memfd. Session 0 has one huge
// memfd, the VM, two CPUs and a guest_memfd.
#include <string.h>

#include "breaks.h"

enum { HUGE, VM, VCPU_0, VCPU_1, GUEST_MEMFD };

static void with_guest(struct scenario* scenario) {
  scenario->hugetlb = 1;
  scenario->kvm = KVM_C;
}
static struct guest_file* guest(struct image* image, size_t i) { return &image->guests.files[i]; }
static struct hugemfd_ser* huge(struct image* image) {
  return AT(struct hugemfd_ser, guest(image, HUGE)->record);
}
static struct hugetlb_ser* pools(struct image* image) {
  return AT(struct hugetlb_ser, image->guests.hugetlb);
}
static struct kvm_vcpu_ser* vcpu(struct image* image, size_t i) {
  return AT(struct kvm_vcpu_ser, guest(image, VCPU_0 + i)->record);
}
static struct kvm_vcpu_cb* cb(struct image* image, size_t i) {
  return AT(struct kvm_vcpu_cb, guest(image, VCPU_0 + i)->cb);
}
static struct guest_memfd_ser* guest_memfd(struct image* image) {
  return AT(struct guest_memfd_ser, guest(image, GUEST_MEMFD)->record);
}

static void fill(struct scenario* scenario, size_t entries) { scenario->guest_folios = entries; }
static struct vmalloc* huge_list(struct image* image) { return &guest(image, HUGE)->list; }
static struct vmalloc* guest_list(struct image* image) { return &guest(image, GUEST_MEMFD)->list; }
static void drop_key(struct image* image, size_t file, uint64_t i) {
  const uint64_t pfn = guest_folio(image, &guest(image, file)->list, i)->pfn;
  map_del(&image->map, pfn << image->arena.page_shift, guest(image, file)->order);
}
static void huge_unpreserve(struct image* image, uint64_t i) { drop_key(image, HUGE, i); }
static void guest_unpreserve(struct image* image, uint64_t i) { drop_key(image, GUEST_MEMFD, i); }
const struct break_subject hugetlb_subject = {.prefix = "hugetlb",
                                              .entry_size = sizeof(struct hugemfd_folio_ser),
                                              .setup = with_guest,
                                              .fill = fill,
                                              .list = huge_list,
                                              .unpreserve = huge_unpreserve};
const struct break_subject guest_memfd_subject = {.prefix = "guest-memfd",
                                                  .entry_size = sizeof(struct hugemfd_folio_ser),
                                                  .setup = with_guest,
                                                  .fill = fill,
                                                  .list = guest_list,
                                                  .unpreserve = guest_unpreserve};

static void huge_record_without_key(struct image* image) {
  map_del(&image->map, guest(image, HUGE)->record, 0);
}
static void pools_without_key(struct image* image) { map_del(&image->map, image->guests.hugetlb, 0); }
static void order_unknown(struct image* image) { pools(image)->hstates[0].order = 8; }
static void pool_too_small(struct image* image) { pools(image)->hstates[0].nr_pages = 1; }
static void pools_too_many(struct image* image) { pools(image)->nr_hstates = 5; }
static void huge_reserved(struct image* image) {
  guest_folio(image, huge_list(image), 1)->pfn |= UINT64_C(1) << FOLIO_PFN_BITS;
}
static void huge_folio_without_key(struct image* image) { drop_key(image, HUGE, 1); }
static void huge_gap(struct image* image) { guest_folio(image, huge_list(image), 2)->index *= 2; }
static void huge_count(struct image* image) { huge(image)->nr_folios = 1000; }
static void huge_twice(struct image* image) {
  drop_key(image, HUGE, 1);
  guest_folio(image, huge_list(image), 1)->pfn = guest_folio(image, huge_list(image), 0)->pfn;
}

// The only FLB of such an image.
static void pools_count_under(struct image* image) { flb_ser(image, 0)->count--; }
static void pools_count_over(struct image* image) { flb_ser(image, 0)->count++; }
static void huge_memfd_only(struct scenario* scenario) {
  scenario->hugetlb = 1;
  scenario->sessions = 1;
}
static void last_huge_memfd_gone(struct image* image) {
  struct guest_file* gone = guest(image, HUGE);
  for (uint64_t i = 0; i < huge(image)->nr_folios; i++) drop_key(image, HUGE, i);
  for (size_t i = 0; i < gone->list.nr_pages; i++) map_del(&image->map, gone->list.pages[i], 0);
  for (size_t i = 0; i < gone->list.nr_chunks; i++) map_del(&image->map, gone->list.chunks[i], 0);
  remove_file(image, gone->record);
}

static void drop_record(struct image* image, size_t file) {
  map_del(&image->map, guest(image, file)->record, 0);
}
static void vm_without_key(struct image* image) { drop_record(image, VM); }
static void vm_tail(struct image* image) {
  *AT(uint8_t, guest(image, VM)->record + page_size(&image->arena) - 1) = 0x5a;
}
static void vcpu_without_key(struct image* image) { drop_record(image, VCPU_0); }
static void guest_record_without_key(struct image* image) { drop_record(image, GUEST_MEMFD); }
static uint64_t folio_list(struct image* image) {
  return AT(struct kvm_vm_ser_c, guest(image, VM)->record)->folios;
}
static void list_unaligned(struct image* image) {
  AT(struct kvm_vm_ser_c, guest(image, VM)->record)->folios += 8;
}
static void list_without_key(struct image* image) { map_del(&image->map, folio_list(image), 0); }
static void vm_folio_without_key(struct image* image) {
  map_del(&image->map, AT(struct kho_folios, folio_list(image))->pa[0], 0);
}

static void vm_unknown(struct image* image) { vcpu(image, 0)->vm_token = 0x4242; }
static void vm_is_memfd(struct image* image) { vcpu(image, 0)->vm_token = file_of(image, 0, 0)->token; }
static void memory_without_vm(struct image* image) { guest_memfd(image)->vm_token = 0x4242; }
static void vcpu_twice(struct image* image) { vcpu(image, 1)->vcpu_id = cb(image, 1)->vcpu_id = 0; }
static void cb_of_other(struct image* image) { cb(image, 0)->vcpu_id = 7; }
static void cb_state(struct image* image) { cb(image, 0)->state = 4; }
static void cb_reserved(struct image* image) { cb(image, 0)->reserved = 1; }
static void vcpu_flags(struct image* image) { vcpu(image, 0)->flags = 0x80; }
static void state_without_key(struct image* image) { map_del(&image->map, vcpu(image, 0)->arch_state, 0); }
static void cb_without_key(struct image* image) { map_del(&image->map, vcpu(image, 0)->cb, 0); }
static void telemetry_without_key(struct image* image) { map_del(&image->map, cb(image, 0)->telemetry, 0); }
static void guest_flags(struct image* image) { guest_memfd(image)->flags |= 0x80; }
static void guest_folio_without_key(struct image* image) { drop_key(image, GUEST_MEMFD, 2); }
static void guest_count(struct image* image) { guest_memfd(image)->nr_folios = 1000; }

static void huge_pfn_zero(struct image* image) {
  drop_key(image, HUGE, 1);
  guest_folio(image, huge_list(image), 1)->pfn = 0;
}
static struct hugemfd_folio_ser* guest_page(struct image* image, uint64_t i) {
  return guest_folio(image, guest_list(image), i);
}
static void guest_size_zero(struct image* image) { guest_memfd(image)->size = 0; }
static void guest_size_negative(struct image* image) { guest_memfd(image)->size = UINT64_C(1) << 63; }
static void guest_size_odd(struct image* image) { guest_memfd(image)->size += 8; }
static void guest_array_page_more(struct image* image) {
  struct kho_vmalloc_chunk* chunk = AT(struct kho_vmalloc_chunk, guest_list(image)->chunks[0]);
  chunk->phys[1] = kho_alloc_preserve(image, REACH_SESSIONS);
  guest_memfd(image)->folios.total_pages++;
}
static void guest_count_under(struct image* image) { guest_memfd(image)->nr_folios--; }
static void guest_folio_after_the_last(struct image* image) {
  *guest_page(image, guest_memfd(image)->nr_folios) = *guest_page(image, 0);
}
static void guest_pfn_zero(struct image* image) {
  drop_key(image, GUEST_MEMFD, 1);
  guest_page(image, 1)->pfn = 0;
}
static void guest_pfn_wide(struct image* image) {
  guest_page(image, 1)->pfn |= UINT64_C(1) << FOLIO_PFN_BITS;
}
static void guest_pfn_twice(struct image* image) {
  drop_key(image, GUEST_MEMFD, 1);
  guest_page(image, 1)->pfn = guest_page(image, 0)->pfn;
}
static void guest_index_twice(struct image* image) {
  guest_page(image, 1)->index = guest_page(image, 0)->index;
}
static void guest_index_beyond(struct image* image) {
  guest_page(image, 1)->index = guest_memfd(image)->size >> image->arena.page_shift;
}

// Without huge memfds the VM is the first file of session 0.
static void with_attributes(struct scenario* scenario) { scenario->kvm = KVM_B; }
static struct vmalloc* attribute_list(struct image* image) { return &guest(image, 0)->list; }
static struct kvm_vm_ser_b* vm_b(struct image* image) {
  return AT(struct kvm_vm_ser_b, guest(image, 0)->record);
}
static void attribute_has_no_key(struct image* image, uint64_t i) { (void)image, (void)i; }
const struct break_subject kvm_subject = {.prefix = "kvm",
                                          .entry_size = sizeof(struct kvm_mem_attr),
                                          .setup = with_attributes,
                                          .fill = fill,
                                          .list = attribute_list,
                                          .unpreserve = attribute_has_no_key};
static void attributes_beyond(struct image* image) { vm_b(image)->nr_mem_attrs = 257; }
static void attributes_none(struct image* image) { vm_b(image)->nr_mem_attrs = 0; }
static void attribute_twice(struct image* image) {
  guest_attribute(image, attribute_list(image), 3)->gfn =
      guest_attribute(image, attribute_list(image), 1)->gfn;
}
static void attribute_zero(struct image* image) {
  guest_attribute(image, attribute_list(image), 1)->attributes = 0;
}

const struct break_rule guest_breaks[] = {
    {"hugetlb-record-preserved", "", "The page of a huge memfd's record has no key.", with_guest,
     huge_record_without_key, false},
    {"hugetlb-pools-preserved", "", "The page of hugetlb_ser has no key.", with_guest, pools_without_key,
     false},
    {"hugetlb-order", "", "No pool has the order of a huge memfd.", with_guest, order_unknown, false},
    {"hugetlb-pool-pages", "", "A pool has fewer pages than the files need.", with_guest, pool_too_small,
     false},
    {"hugetlb-pool-count", "", "There are five pools.", with_guest, pools_too_many, false},
    {"hugetlb-flb-count", "", "The FLB of the pools counts one file too few.", with_guest, pools_count_under,
     false},
    {"hugetlb-flb-leaked", "", "The FLB of the pools counts one file too many.", with_guest, pools_count_over,
     false},
    {"hugetlb-flb-used", "", "The only huge memfd is gone, the FLB of the pools is not.", huge_memfd_only,
     last_huge_memfd_gone, false},
    {"hugetlb-folio-reserved", "", "A reserved bit of a folio is set.", with_guest, huge_reserved, false},
    {"hugetlb-folio-preserved", "", "A huge folio has no key.", with_guest, huge_folio_without_key, false},
    {"hugetlb-folios-tile", "", "A huge memfd has a gap.", with_guest, huge_gap, false},
    {"hugetlb-array-bounds", "", "nr_folios is larger than the list.", with_guest, huge_count, false},
    {"hugetlb-pfn-unique", "kho-ownership-disjoint", "Two folios of a huge memfd are the same.", with_guest,
     huge_twice, false},
    {"kvm-vm-preserved", "", "The page of a VM's record has no key.", with_guest, vm_without_key, false},
    {"kvm-vm-tail-zero", "", "The last byte of the page of a VM's record is not zero.", with_guest, vm_tail,
     false},
    {"kvm-vcpu-preserved", "", "The page of a CPU's record has no key.", with_guest, vcpu_without_key, false},
    {"kvm-folio-list-pointer", "kho-keys-referenced", "The list of a VM's folios is not page aligned.",
     with_guest, list_unaligned, false},
    {"kvm-folio-list-preserved", "", "The list of a VM's folios has no key.", with_guest, list_without_key,
     false},
    {"kvm-folio-preserved", "", "A folio of a VM has no key.", with_guest, vm_folio_without_key, false},
    {"guest-memfd-record-preserved", "", "The page of a guest_memfd's record has no key.", with_guest,
     guest_record_without_key, false},
    {"kvm-vm-token", "", "No file of the session has the token of a CPU's VM.", with_guest, vm_unknown,
     false},
    {"kvm-vm-token", "", "The token of a CPU's VM is that of a memfd.", with_guest, vm_is_memfd, false},
    {"guest-memfd-vm-token", "", "No file of the session has the token of a guest_memfd's VM.", with_guest,
     memory_without_vm, false},
    {"kvm-vcpu-unique", "", "Two CPUs of a VM have the same id.", with_guest, vcpu_twice, false},
    {"kvm-cb-vcpu", "", "The control block of a CPU names another one.", with_guest, cb_of_other, false},
    {"kvm-cb-state", "", "The state of a control block is 4.", with_guest, cb_state, false},
    {"kvm-cb-reserved", "", "A reserved field of a control block is 1.", with_guest, cb_reserved, false},
    {"kvm-vcpu-flags", "", "A CPU has an unknown flag.", with_guest, vcpu_flags, false},
    {"kvm-arch-state-preserved", "", "The state of a CPU has no key.", with_guest, state_without_key, false},
    {"kvm-cb-preserved", "", "The control block of a CPU has no key.", with_guest, cb_without_key, false},
    {"kvm-telemetry-preserved", "", "The telemetry of a CPU has no key.", with_guest, telemetry_without_key,
     false},
    {"guest-memfd-flags", "", "A guest_memfd has an unknown flag.", with_guest, guest_flags, false},
    {"guest-memfd-folio-preserved", "", "A folio of a guest_memfd has no key.", with_guest,
     guest_folio_without_key, false},
    {"hugetlb-pfn-nonzero", "", "The page frame number of a huge folio is 0.", with_guest, huge_pfn_zero,
     false},
    {"guest-memfd-size", "", "The size of a guest_memfd is 0.", with_guest, guest_size_zero, false},
    {"guest-memfd-size", "", "The size of a guest_memfd is 2^63.", with_guest, guest_size_negative, false},
    {"guest-memfd-size", "", "The size of a guest_memfd is no multiple of a page.", with_guest,
     guest_size_odd, false},
    {"guest-memfd-array-tight", "", "One more page, of zeros, ends the array.", with_guest,
     guest_array_page_more, false},
    {"guest-memfd-array-tail-zero", "kho-keys-referenced", "A guest_memfd counts one folio too few.",
     with_guest, guest_count_under, false},
    {"guest-memfd-array-tail-zero", "", "A folio of a guest_memfd is there again after the last one.",
     with_guest, guest_folio_after_the_last, false},
    {"guest-memfd-pfn-nonzero", "", "The page frame number of a guest's folio is 0.", with_guest,
     guest_pfn_zero, false},
    {"guest-memfd-pfn-reserved", "", "A bit above the page frame number is set.", with_guest, guest_pfn_wide,
     false},
    {"guest-memfd-pfn-unique", "kho-ownership-disjoint", "Two folios of a guest_memfd are the same.",
     with_guest, guest_pfn_twice, false},
    {"guest-memfd-index-unique", "", "Two folios of a guest_memfd have the same index.", with_guest,
     guest_index_twice, false},
    {"guest-memfd-index-limit", "", "A folio lies beyond the end of a guest_memfd.", with_guest,
     guest_index_beyond, false},
    {"guest-memfd-array-bounds", "", "nr_folios is larger than the list.", with_guest, guest_count, false},
    {"kvm-attributes-bounds", "", "nr_mem_attrs is larger than the list.", with_attributes, attributes_beyond,
     false},
    {"kvm-attributes-list", "", "A VM has a list of no attributes.", with_attributes, attributes_none, false},
    {"kvm-attribute-unique", "", "A page of a guest has two attributes.", with_attributes, attribute_twice,
     false},
    {"kvm-attribute-set", "", "A page of a guest is listed without attributes.", with_attributes,
     attribute_zero, false},
    {0},
};
