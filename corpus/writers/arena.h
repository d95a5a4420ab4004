// Simulated physical memory: which addresses are RAM, which pages hold bytes, and
// a page allocator. Only pages that hold structures have bytes; the pages of
// memfds and reserve_mem regions are remembered as ranges.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
  uint64_t start;
  uint64_t length;
};

struct numa_range {
  struct range range;
  unsigned node;
};

// From where a page can be found. Before serialization nothing leads below
// luo_ser.sessions_pa, so a slim outgoing core lacks those pages.
enum reach { REACH_ALWAYS, REACH_SESSIONS };

struct page {
  uint64_t pa;
  enum reach reach;
  uint8_t* bytes;  // NULL: dropped
  void* owned;     // what is to be freed with the page
};

struct arena {
  unsigned page_shift;
  uint64_t
      unit;   // P << MAX_PAGE_ORDER: scratch areas are aligned to it, and the map of RAM is laid out in it
  bool gaps;  // leave free pages between allocations now and then
  uint64_t random;

  struct range ram[4];
  size_t nr_ram;
  struct numa_range numa[4];
  size_t nr_numa;

  struct page* pages;
  size_t nr_pages, room_pages;
  size_t* index;  // hash of page address -> position in pages + 1
  size_t index_size;

  struct range* data;
  size_t nr_data, room_data;

  uint64_t next;       // structures and folios
  uint64_t limit;      // of `next`
  struct range room;   // a further piece of RAM for them; length 0 without
  uint64_t next_node;  // radix nodes: a pool of their own, so that a key next to a page never covers one
  uint64_t bank;       // a second piece of RAM for memfds that the first cannot hold; 0 without
};

_Noreturn void die(const char* format, ...) __attribute__((format(printf, 1, 2)));
void* xrealloc(void* old, size_t bytes);

static inline uint64_t page_size(const struct arena* arena) { return UINT64_C(1) << arena->page_shift; }

// `unit` of the kernel that uses this page size: x86-64 with 4K, arm64 with 16K and 64K.
void arena_init(struct arena* arena, unsigned page_shift, unsigned numa_nodes, uint64_t seed);
void arena_add_bank(struct arena* arena, uint64_t start, uint64_t length);
void arena_add_room(struct arena* arena, uint64_t start, uint64_t length);
void arena_free(struct arena* arena);

uint64_t arena_random(struct arena* arena);

// A free block of 2^order pages, naturally aligned. It has no bytes yet.
uint64_t arena_alloc(struct arena* arena, unsigned order);
uint64_t arena_alloc_bank(struct arena* arena, unsigned order);
uint64_t arena_alloc_node(struct arena* arena);
// A zeroed structure page.
uint64_t arena_alloc_page(struct arena* arena, enum reach reach);
void arena_make_page(struct arena* arena, uint64_t pa, enum reach reach);
// The same for 2^order pages, whose bytes are side by side: records may go from one to the next.
void arena_make_block(struct arena* arena, uint64_t pa, unsigned order, enum reach reach);

bool arena_has(const struct arena* arena, uint64_t pa);
// The bytes at `pa`, which must be in a structure page.
void* arena_at(const struct arena* arena, uint64_t pa);
// Bytes may go from one structure page to the next.
void arena_write(struct arena* arena, uint64_t pa, const void* bytes, size_t length);
void arena_drop_page(struct arena* arena, uint64_t pa);

void arena_add_data(struct arena* arena, uint64_t start, uint64_t length);
