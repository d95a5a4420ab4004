// Files of guests: what breaks need to find again.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi_guest.h"
#include "chain.h"

struct image;

enum kvm_variant { KVM_NONE, KVM_A, KVM_B, KVM_C, KVM_VARIANTS };
extern const char* const kvm_names[KVM_VARIANTS];

struct guest_file {
  uint64_t record;
  uint64_t cb;
  unsigned order;  // of its folios
  struct vmalloc list;
};

// Session by session: huge memfds, then the VM, its CPUs and its memory.
struct guests {
  struct guest_file* files;
  size_t nr_files;
  uint64_t hugetlb;  // FLB record
};

struct hugemfd_folio_ser* guest_folio(const struct image* image, const struct vmalloc* list, uint64_t i);
struct kvm_mem_attr* guest_attribute(const struct image* image, const struct vmalloc* list, uint64_t i);
size_t guest_files(const struct image* image);  // of one session
void guests_build(struct image* image);
void guests_free(struct guests* guests);
