// Guests: their memory on hugetlbfs or in a guest_memfd, the VM and its CPUs.
#include "guests.h"

#include <stdlib.h>
#include <string.h>

#include "image.h"

enum { VCPUS = 2 };

static uint64_t huge_folios(const struct scenario* scenario) {
  return scenario->guest_folios ? scenario->guest_folios : 3;
}
static uint64_t guest_folios(const struct scenario* scenario) {
  return scenario->guest_folios ? scenario->guest_folios : 5;
}
static unsigned huge_order(const struct scenario* scenario) { return scenario->guest_folios ? 0 : 9; }

const char* const kvm_names[] = {"none", "a", "b", "c"};

size_t guest_files(const struct image* image) {
  return image->scenario.hugetlb + (image->scenario.kvm ? 2 + VCPUS : 0);
}

static uint64_t take_file(struct image* image, const struct file* file, const char* compatible,
                          uint64_t bytes) {
  const uint64_t record = kho_alloc_preserve_bytes(image, bytes);
  if (image->scenario.phase == PHASE_OUTGOING) return record;
  struct luo_file_ser* ser = arena_at(&image->arena, file->ser);
  strcpy(ser->compatible, compatible);
  ser->data = record;
  return record;
}

struct hugemfd_folio_ser* guest_folio(const struct image* image, const struct vmalloc* list, uint64_t i) {
  const uint64_t per_page = page_size(&image->arena) / sizeof(struct hugemfd_folio_ser);
  return (struct hugemfd_folio_ser*)arena_at(&image->arena, list->pages[i / per_page]) + i % per_page;
}

// An array of folio records, whose index counts pages.
static void build_list(struct image* image, struct guest_file* guest, uint64_t descriptor, uint64_t count,
                       unsigned order) {
  struct arena* arena = &image->arena;
  const uint64_t per_page = page_size(arena) / sizeof(struct hugemfd_folio_ser);
  guest->list.descriptor = descriptor;
  guest->order = order;
  vmalloc_build(image, &guest->list, (count + per_page - 1) / per_page, REACH_SESSIONS);
  for (uint64_t i = 0; i < count; i++) {
    const uint64_t pa = arena_alloc(arena, order);
    map_add(&image->map, pa, order);
    arena_add_data(arena, pa, page_size(arena) << order);
    *guest_folio(image, &guest->list, i) = (struct hugemfd_folio_ser){pa >> arena->page_shift, i << order};
  }
}

static void build_huge_memfd(struct image* image, struct guest_file* guest, const struct file* file) {
  const uint64_t record = guest->record =
      take_file(image, file, HUGE_MEMFD_COMPATIBLE, sizeof(struct hugemfd_ser));
  const unsigned order = huge_order(&image->scenario);
  struct hugemfd_ser* ser = arena_at(&image->arena, record);
  ser->size = huge_folios(&image->scenario) * (page_size(&image->arena) << order);
  ser->nr_folios = huge_folios(&image->scenario);
  ser->order = (uint8_t)order;
  build_list(image, guest, record + offsetof(struct hugemfd_ser, folios), ser->nr_folios, order);
}

struct kvm_mem_attr* guest_attribute(const struct image* image, const struct vmalloc* list, uint64_t i) {
  const uint64_t per_page = page_size(&image->arena) / sizeof(struct kvm_mem_attr);
  return (struct kvm_mem_attr*)arena_at(&image->arena, list->pages[i / per_page]) + i % per_page;
}

// Every second page of the guest is private.
static void build_attributes(struct image* image, struct guest_file* guest) {
  enum { PRIVATE = 8 << 1 | 1 };  // as the kernel's array has it
  const uint64_t count = guest_folios(&image->scenario);
  const uint64_t per_page = page_size(&image->arena) / sizeof(struct kvm_mem_attr);
  ((struct kvm_vm_ser_b*)arena_at(&image->arena, guest->record))->nr_mem_attrs = count;
  guest->list.descriptor = guest->record + offsetof(struct kvm_vm_ser_b, mem_attrs);
  vmalloc_build(image, &guest->list, (count + per_page - 1) / per_page, REACH_SESSIONS);
  for (uint64_t i = 0; i < count; i++)
    *guest_attribute(image, &guest->list, i) = (struct kvm_mem_attr){0x100 + 2 * i, PRIVATE};
}

static void build_vm(struct image* image, struct guest_file* guest, const struct file* file) {
  switch (image->scenario.kvm) {
    case KVM_A:
      guest->record = take_file(image, file, KVM_VM_COMPATIBLE, sizeof(struct kvm_vm_ser_a));
      break;
    case KVM_B:
      guest->record = take_file(image, file, KVM_VM_COMPATIBLE, sizeof(struct kvm_vm_ser_b));
      build_attributes(image, guest);
      break;
    default: {
      guest->record = take_file(image, file, KVM_VM_COMPATIBLE, sizeof(struct kvm_vm_ser_c));
      const uint64_t folios = kho_alloc_preserve(image, REACH_SESSIONS);
      ((struct kvm_vm_ser_c*)arena_at(&image->arena, guest->record))->folios = folios;
      const uint64_t page = kho_alloc_preserve(image, REACH_SESSIONS);
      struct kho_folios* list = arena_at(&image->arena, folios);
      list->nr = 1;
      list->pa[0] = page;
      break;
    }
  }
}

static void build_vcpu(struct image* image, struct guest_file* guest, const struct file* file, unsigned id,
                       uint64_t vm_token) {
  guest->record = take_file(image, file, KVM_VCPU_COMPATIBLE, sizeof(struct kvm_vcpu_ser));
  const uint64_t arch_state = kho_alloc_preserve(image, REACH_SESSIONS);
  const uint64_t cb = guest->cb = kho_alloc_preserve(image, REACH_SESSIONS);
  const uint64_t telemetry = kho_alloc_preserve(image, REACH_SESSIONS);
  *(struct kvm_vcpu_ser*)arena_at(&image->arena, guest->record) =
      (struct kvm_vcpu_ser){id, KVM_VCPU_CARETAKER, vm_token, arch_state, cb};
  *(struct kvm_vcpu_cb*)arena_at(&image->arena, cb) = (struct kvm_vcpu_cb){1, id, id, 0, telemetry};
}

static void build_guest_memfd(struct image* image, struct guest_file* guest, const struct file* file,
                              uint64_t vm_token) {
  guest->record = take_file(image, file, GUEST_MEMFD_COMPATIBLE, sizeof(struct guest_memfd_ser));
  struct guest_memfd_ser* ser = arena_at(&image->arena, guest->record);
  ser->size = guest_folios(&image->scenario) * page_size(&image->arena);
  ser->flags = GUEST_MEMFD_MMAP | GUEST_MEMFD_INIT_SHARED;
  ser->nr_folios = guest_folios(&image->scenario);
  ser->vm_token = vm_token;
  build_list(image, guest, guest->record + offsetof(struct guest_memfd_ser, folios), ser->nr_folios, 0);
}

void guests_build(struct image* image) {
  const struct scenario* scenario = &image->scenario;
  struct guests* guests = &image->guests;
  const size_t each = guest_files(image);
  if (!each) return;
  guests->files = calloc(scenario->sessions * each, sizeof(*guests->files));
  if (!guests->files) die("out of memory");
  for (size_t i = 0; i < scenario->sessions; i++) {
    const struct session* session = &image->sessions[i];
    const struct file* file = &session->files[session->nr_files - each];
    for (unsigned j = 0; j < scenario->hugetlb; j++)
      build_huge_memfd(image, &guests->files[guests->nr_files++], file++);
    if (!scenario->kvm) continue;
    const uint64_t vm_token = file->token;
    build_vm(image, &guests->files[guests->nr_files++], file++);
    for (unsigned j = 0; j < VCPUS; j++)
      build_vcpu(image, &guests->files[guests->nr_files++], file++, j, vm_token);
    build_guest_memfd(image, &guests->files[guests->nr_files++], file, vm_token);
  }
  if (!scenario->hugetlb) return;
  guests->hugetlb = kho_alloc_preserve(image, REACH_SESSIONS);
  struct hugetlb_ser* ser = arena_at(&image->arena, guests->hugetlb);
  ser->nr_hstates = 2;
  ser->hstates[0] = (struct hugetlb_hstate_ser){
      scenario->sessions * scenario->hugetlb * huge_folios(scenario), (uint8_t)huge_order(scenario)};
  ser->hstates[1] = (struct hugetlb_hstate_ser){0, 18};
}

void guests_free(struct guests* guests) {
  for (size_t i = 0; i < guests->nr_files; i++) vmalloc_free(&guests->files[i].list);
  free(guests->files);
}
