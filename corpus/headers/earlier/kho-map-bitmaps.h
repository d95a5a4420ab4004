/* The preserved memory map of kho-v1: a chain of pages, each for blocks of one order, that list bitmaps.
   Until Linux 6.18 (commit a2fff99f92da) a bitmap was a slab object of 512 bytes; the version did not change
   with it. */
#pragma once
#include "../types.h"

#define KHO_FDT_MEMORY_MAP_PROP_NAME "preserved-memory-map"

#ifdef KHO_BITMAPS_OF_512
#define PRESERVE_BITS (512 * 8)
#else
#define PRESERVE_BITS (PAGE_SIZE * 8)
#endif

struct khoser_mem_chunk_hdr {
  union {
    u64 phys;
  } next;
  u32 order;
  u32 num_elms;
};

struct khoser_mem_bitmap_ptr {
  u64 phys_start; /* of the memory that its first bit represents */
  union {
    u64 phys;
  } bitmap;
};

#define KHOSER_BITMAP_SIZE \
  ((PAGE_SIZE - sizeof(struct khoser_mem_chunk_hdr)) / sizeof(struct khoser_mem_bitmap_ptr))

struct khoser_mem_chunk {
  struct khoser_mem_chunk_hdr hdr;
  struct khoser_mem_bitmap_ptr bitmaps[KHOSER_BITMAP_SIZE];
};
