// Breaks of the preserved memory map of kho-v1. What is damaged is an entry more, for memory that nobody
// uses: no key is lost with it.
#include "breaks.h"

static void kho_v1(struct scenario* scenario) {
  scenario->kho = KHO_V1;
  scenario->luo = LUO_V1;
  scenario->memfd = MEMFD_V1;
}

static struct khoser_chunk_header* last(struct image* image) {
  struct khoser_chunk_header* chunk = bitmaps_first(image);
  while (chunk->next) chunk = AT(struct khoser_chunk_header, chunk->next);
  return chunk;
}
// A chunk of order 0 at the end of the chain, with one entry for free memory and an empty bitmap.
static struct khoser_bitmap* one_more(struct image* image) {
  struct khoser_chunk_header* before = last(image);
  before->next = arena_alloc_node(&image->arena);
  struct khoser_chunk_header* chunk = last(image);
  chunk->count = 1;
  struct khoser_bitmap* entry = (struct khoser_bitmap*)(void*)(chunk + 1);
  entry->start = UINT64_C(1) << 44;
  entry->bitmap = arena_alloc_node(&image->arena);
  return entry;
}

static void next_unaligned(struct image* image) { last(image)->next = image->bitmaps.first + 8; }
static void next_beyond_ram(struct image* image) { last(image)->next = NOWHERE; }
static void cycle(struct image* image) { last(image)->next = image->bitmaps.first; }
static void count_over(struct image* image) {
  one_more(image);
  last(image)->count = (uint32_t)(page_size(&image->arena) / sizeof(struct khoser_bitmap));
}
static void order_huge(struct image* image) {
  one_more(image);
  last(image)->order = 60;
}
static void bitmap_zero(struct image* image) { one_more(image)->bitmap = 0; }
static void bitmap_unaligned(struct image* image) { one_more(image)->bitmap += 8; }
static void bitmap_beyond_ram(struct image* image) { one_more(image)->bitmap = NOWHERE; }
static void start_odd(struct image* image) { one_more(image)->start += page_size(&image->arena); }
static void bitmap_twice(struct image* image) {
  const uint64_t start = bitmaps_of(image, image->root.pa, 0)->start;
  one_more(image)->start = start;
}
static void chunk_with_key(struct image* image) { map_add(&image->map, image->bitmaps.first, 0); }
static void map_property(struct image* image, uint64_t value) {
  image->root.map = value;
  kho_write_root(image);
}
static void map_zero(struct image* image) { map_property(image, 0); }
static void map_beyond_ram(struct image* image) { map_property(image, NOWHERE); }

const struct break_rule bitmap_breaks[] = {
    {"kho-map-written", "", "kho-v1, finalized: preserved-memory-map is 0.", kho_v1, map_zero, false},
    {"kho-memory-map-property", "", "kho-v1: preserved-memory-map leads beyond RAM.", kho_v1, map_beyond_ram,
     false},
    {"kho-map-chunk-pointer", "", "kho-v1: the chain goes on where no page begins.", kho_v1, next_unaligned,
     false},
    {"kho-map-chunk-pointer", "", "kho-v1: the chain goes on beyond RAM.", kho_v1, next_beyond_ram, false},
    {"kho-map-chunk-acyclic", "", "kho-v1: the chain comes back to its first page.", kho_v1, cycle, false},
    {"kho-map-chunk-count", "", "kho-v1: a page counts one bitmap more than fit.", kho_v1, count_over, false},
    {"kho-map-chunk-order", "", "kho-v1: a page is for blocks of order 60.", kho_v1, order_huge, false},
    {"kho-map-bitmap-pointer", "", "kho-v1: the address of a bitmap is 0.", kho_v1, bitmap_zero, false},
    {"kho-map-bitmap-pointer", "", "kho-v1: the address of a bitmap is not aligned.", kho_v1,
     bitmap_unaligned, false},
    {"kho-map-bitmap-pointer", "", "kho-v1: a bitmap is beyond RAM.", kho_v1, bitmap_beyond_ram, false},
    {"kho-map-bitmap-start", "", "kho-v1: a bitmap begins in the middle of another.", kho_v1, start_odd,
     false},
    {"kho-map-bitmap-unique", "", "kho-v1: two bitmaps are for the same memory.", kho_v1, bitmap_twice,
     false},
    {"kho-map-unpreserved", "kho-keys-referenced", "kho-v1: a page of the map has a key.", kho_v1,
     chunk_with_key, false},
    {0},
};
