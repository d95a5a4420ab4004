/* Memory that is contiguous in virtual addresses only, since Linux 6.18: a chain of pages with addresses of
 * pages. */
#pragma once
#include "../types.h"

struct kho_vmalloc_hdr {
  union {
    u64 phys;
  } next;
};

#define KHO_VMALLOC_SIZE ((PAGE_SIZE - sizeof(struct kho_vmalloc_hdr)) / 8)

struct kho_vmalloc_chunk {
  struct kho_vmalloc_hdr hdr;
  u64 phys[KHO_VMALLOC_SIZE];
};

struct kho_vmalloc {
  union {
    u64 phys;
  } first;
  u32 total_pages;
  u16 flags;
  u16 order;
};
