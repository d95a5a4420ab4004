#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("khover-write-image: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(2);
}

void* xrealloc(void* old, size_t bytes) {
  void* memory = realloc(old, bytes);
  if (!memory) die("out of memory");
  return memory;
}

static void add_ram(struct arena* arena, uint64_t start, uint64_t length, unsigned node) {
  arena->ram[arena->nr_ram++] = (struct range){start, length};
  arena->numa[arena->nr_numa++] = (struct numa_range){{start, length}, node};
}

void arena_init(struct arena* arena, unsigned page_shift, unsigned numa_nodes, uint64_t seed) {
  // MAX_PAGE_ORDER: 10 on x86; arm64 has 11 with 16K pages and 13 with 64K (ARCH_FORCE_MAX_ORDER).
  const unsigned max_page_order = page_shift == 12 ? 10 : page_shift == 14 ? 11 : 13;
  memset(arena, 0, sizeof(*arena));
  arena->page_shift = page_shift;
  arena->unit = UINT64_C(1) << (page_shift + max_page_order);
  arena->random = seed;
  arena->gaps = true;
  // 256 MiB and the small piece below 4 GiB that QEMU's firmware leaves, with 4K pages.
  const uint64_t ram = 64 * arena->unit;
  const uint64_t high = ram < (UINT64_C(1) << 32) ? UINT64_C(0xfffc0000) : UINT64_C(0xffffc0000);
  add_ram(arena, 0, ram, 0);
  add_ram(arena, high, 0x40000, 0);
  if (numa_nodes == 2) {
    arena->numa[0].range.length = ram / 2;
    arena->numa[2] = arena->numa[1];
    arena->numa[1] = (struct numa_range){{ram / 2, ram / 2}, 1};
    arena->nr_numa = 3;
  }
  arena->next = 2 * arena->unit;
  arena->limit = 40 * arena->unit;
  arena->next_node = 40 * arena->unit;
}

void arena_add_bank(struct arena* arena, uint64_t start, uint64_t length) {
  add_ram(arena, start, length, arena->numa[arena->nr_numa - 1].node);
  arena->bank = start;
}

void arena_add_room(struct arena* arena, uint64_t start, uint64_t length) {
  add_ram(arena, start, length, arena->numa[arena->nr_numa - 1].node);
  arena->room = (struct range){start, length};
}

void arena_free(struct arena* arena) {
  for (size_t i = 0; i < arena->nr_pages; i++) free(arena->pages[i].owned);
  free(arena->pages);
  free(arena->index);
  free(arena->data);
}

// splitmix64: small, and the same on every host.
uint64_t arena_random(struct arena* arena) {
  uint64_t x = (arena->random += UINT64_C(0x9e3779b97f4a7c15));
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static uint64_t bump(uint64_t* next, uint64_t bytes) {
  const uint64_t pa = (*next + bytes - 1) & ~(bytes - 1);
  *next = pa + bytes;
  return pa;
}

uint64_t arena_alloc(struct arena* arena, unsigned order) {
  if (arena->gaps && arena_random(arena) % 8 == 0)
    arena->next += page_size(arena) * (1 + arena_random(arena) % 3);
  uint64_t pa = bump(&arena->next, page_size(arena) << order);
  if (arena->next > arena->limit && arena->room.length) {
    arena->next = arena->room.start;
    arena->limit = arena->room.start + arena->room.length;
    arena->room.length = 0;
    pa = bump(&arena->next, page_size(arena) << order);
  }
  if (arena->next > arena->limit) die("the simulated RAM is full: ask for fewer or smaller files");
  return pa;
}

uint64_t arena_alloc_bank(struct arena* arena, unsigned order) {
  return arena->bank ? bump(&arena->bank, page_size(arena) << order) : arena_alloc(arena, order);
}

uint64_t arena_alloc_node(struct arena* arena) {
  const uint64_t pa = bump(&arena->next_node, page_size(arena));
  if (arena->next_node > 41 * arena->unit) die("the simulated RAM has no room for more radix nodes");
  arena_make_page(arena, pa, REACH_ALWAYS);
  return pa;
}

static size_t slot_of(const struct arena* arena, uint64_t pa) {
  size_t slot = ((pa >> arena->page_shift) * UINT64_C(0x9e3779b97f4a7c15)) >> 20;
  for (;; slot++) {
    slot &= arena->index_size - 1;
    if (!arena->index[slot] || arena->pages[arena->index[slot] - 1].pa == pa) return slot;
  }
}

static void grow_index(struct arena* arena) {
  if (2 * arena->nr_pages < arena->index_size) return;
  arena->index_size = arena->index_size ? 2 * arena->index_size : 1024;
  arena->index = xrealloc(arena->index, arena->index_size * sizeof(*arena->index));
  memset(arena->index, 0, arena->index_size * sizeof(*arena->index));
  for (size_t i = 0; i < arena->nr_pages; i++) arena->index[slot_of(arena, arena->pages[i].pa)] = i + 1;
}

static void add_page(struct arena* arena, struct page page) {
  grow_index(arena);
  const size_t slot = slot_of(arena, page.pa);
  if (arena->index[slot]) die("internal error: page %#lx is used twice", (unsigned long)page.pa);
  if (arena->nr_pages == arena->room_pages) {
    arena->room_pages = arena->room_pages ? 2 * arena->room_pages : 256;
    arena->pages = xrealloc(arena->pages, arena->room_pages * sizeof(*arena->pages));
  }
  arena->pages[arena->nr_pages++] = page;
  arena->index[slot] = arena->nr_pages;
}

void arena_make_block(struct arena* arena, uint64_t pa, unsigned order, enum reach reach) {
  const uint64_t size = page_size(arena);
  uint8_t* bytes = calloc((size_t)1 << order, size);
  if (!bytes) die("out of memory");
  for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
    add_page(arena, (struct page){pa + i * size, reach, bytes + i * size, i ? NULL : bytes});
}

void arena_make_page(struct arena* arena, uint64_t pa, enum reach reach) {
  arena_make_block(arena, pa, 0, reach);
}

uint64_t arena_alloc_page(struct arena* arena, enum reach reach) {
  const uint64_t pa = arena_alloc(arena, 0);
  arena_make_page(arena, pa, reach);
  return pa;
}

static struct page* find(const struct arena* arena, uint64_t pa) {
  const uint64_t base = pa & ~(page_size(arena) - 1);
  if (!arena->index_size) return NULL;
  const size_t slot = slot_of(arena, base);
  return arena->index[slot] ? &arena->pages[arena->index[slot] - 1] : NULL;
}

bool arena_has(const struct arena* arena, uint64_t pa) {
  const struct page* page = find(arena, pa);
  return page && page->bytes;
}

void* arena_at(const struct arena* arena, uint64_t pa) {
  const struct page* page = find(arena, pa);
  if (!page || !page->bytes) die("internal error: no page at %#lx", (unsigned long)pa);
  return page->bytes + (pa & (page_size(arena) - 1));
}

void arena_write(struct arena* arena, uint64_t pa, const void* bytes, size_t length) {
  while (length) {
    const size_t left = page_size(arena) - (pa & (page_size(arena) - 1));
    const size_t here = length < left ? length : left;
    memcpy(arena_at(arena, pa), bytes, here);
    bytes = (const uint8_t*)bytes + here;
    pa += here;
    length -= here;
  }
}

// The entry stays, without bytes: the core writer skips it.
void arena_drop_page(struct arena* arena, uint64_t pa) {
  struct page* page = find(arena, pa);
  if (!page) return;
  page->bytes = NULL;
}

void arena_add_data(struct arena* arena, uint64_t start, uint64_t length) {
  if (arena->nr_data == arena->room_data) {
    arena->room_data = arena->room_data ? 2 * arena->room_data : 256;
    arena->data = xrealloc(arena->data, arena->room_data * sizeof(*arena->data));
  }
  arena->data[arena->nr_data++] = (struct range){start, length};
}
