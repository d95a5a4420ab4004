// The preserved memory map of kho-v1: a chain of pages that list bitmaps.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct image;

struct bitmaps {
  uint64_t first;  // chunk
  uint64_t page;   // of the bitmap that was made last
  uint64_t used;   // of that page
  bool written;
};

struct khoser_chunk_header {
  uint64_t next;
  uint32_t order;
  uint32_t count;
};
struct khoser_bitmap {
  uint64_t start;
  uint64_t bitmap;
};
_Static_assert(sizeof(struct khoser_chunk_header) == 16, "khoser_mem_chunk_hdr");
_Static_assert(sizeof(struct khoser_bitmap) == 16, "khoser_mem_bitmap_ptr");

// Writes it from the keys that the radix tree has now, and drops the pages of that. Once: a break that
// damages the list calls it first, so that it is there.
void bitmaps_write(struct image* image);
void bitmaps_plan(struct image* image);  // where its first page will be
// The first chunk, and the bitmap that holds the key of a block.
struct khoser_chunk_header* bitmaps_first(struct image* image);
struct khoser_bitmap* bitmaps_of(struct image* image, uint64_t pa, unsigned order);
