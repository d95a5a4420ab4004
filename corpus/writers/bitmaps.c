#include "bitmaps.h"

#include <stdlib.h>
#include <string.h>

#include "image.h"

static uint64_t bytes_of_bitmap(const struct image* image) {
  return image->scenario.kho == KHO_V1_512 ? 512 : page_size(&image->arena);
}

struct keys {
  uint64_t* keys;
  size_t count, room;
};

static void collect(const struct image* image, struct keys* keys, uint64_t node, unsigned level,
                    uint64_t prefix) {
  const struct map* map = &image->map;
  const uint64_t* words = arena_at(&image->arena, node);
  for (uint64_t i = 0; i < page_size(&image->arena) / sizeof(*words); i++) {
    if (level && words[i])
      collect(image, keys, words[i], level - 1,
              prefix | i << ((level - 1) * map->table_bits + map->leaf_bits));
    for (unsigned bit = 0; !level && bit < 64; bit++) {
      if (!(words[i] >> bit & 1)) continue;
      if (!(prefix | i | bit)) die("kho-v1 cannot say key 0");
      if (keys->count == keys->room) {
        keys->room = keys->room ? 2 * keys->room : 256;
        keys->keys = xrealloc(keys->keys, keys->room * sizeof(*keys->keys));
      }
      keys->keys[keys->count++] = prefix | (i * 64 + bit);
    }
  }
}

static void drop(struct image* image, uint64_t node, unsigned level) {
  const uint64_t* slots = arena_at(&image->arena, node);
  for (uint64_t i = 0; level && i < page_size(&image->arena) / sizeof(*slots); i++)
    if (slots[i]) drop(image, slots[i], level - 1);
  arena_drop_page(&image->arena, node);
}

// The kernel goes through the orders, the smallest first, and through memory: keys with the bit of a
// small order are large.
static int by_order(const void* left, const void* right) {
  const uint64_t a = *(const uint64_t*)left, b = *(const uint64_t*)right;
  const int order_a = __builtin_clzll(a), order_b = __builtin_clzll(b);
  if (order_a != order_b) return order_a - order_b;
  return a < b ? -1 : a > b;
}

static uint64_t new_bitmap(struct image* image) {
  struct bitmaps* bitmaps = &image->bitmaps;
  const uint64_t bytes = bytes_of_bitmap(image);
  // Slab objects are side by side in a page, and not from its beginning.
  if (!bitmaps->page || bitmaps->used + bytes > page_size(&image->arena)) {
    bitmaps->page = arena_alloc_node(&image->arena);
    bitmaps->used = bytes < page_size(&image->arena) ? bytes : 0;
    image->map.nr_nodes++;
  }
  bitmaps->used += bytes;
  return bitmaps->page + bitmaps->used - bytes;
}

static struct khoser_chunk_header* chunk_at(struct image* image, uint64_t pa) {
  return arena_at(&image->arena, pa);
}

static uint64_t new_chunk(struct image* image, uint64_t last, unsigned order) {
  const uint64_t pa = last ? arena_alloc_node(&image->arena) : image->bitmaps.first;
  chunk_at(image, pa)->order = order;
  if (last) chunk_at(image, last)->next = pa;
  image->map.nr_nodes++;
  return pa;
}

void bitmaps_plan(struct image* image) { image->bitmaps.first = arena_alloc_node(&image->arena); }

void bitmaps_write(struct image* image) {
  if (image->bitmaps.written) return;
  image->bitmaps.written = true;
  if (image->scenario.phase == PHASE_OUTGOING) {
    drop(image, image->map.root, image->map.levels - 1);
    arena_drop_page(&image->arena, image->bitmaps.first);
    return;
  }
  image->map.nr_nodes = 0;
  struct keys keys = {0};
  collect(image, &keys, image->map.root, image->map.levels - 1, 0);
  qsort(keys.keys, keys.count, sizeof(*keys.keys), by_order);
  const unsigned shift = image->arena.page_shift;
  const uint64_t bits = bytes_of_bitmap(image) * 8;
  const uint32_t room = (uint32_t)(page_size(&image->arena) / 16 - 1);
  uint64_t chunk = 0, start = UINT64_MAX;
  struct khoser_bitmap* entry = NULL;
  for (size_t i = 0; i < keys.count; i++) {
    const unsigned order = 64 - shift - (63 - (unsigned)__builtin_clzll(keys.keys[i]));
    const uint64_t block = keys.keys[i] ^ UINT64_C(1) << (64 - shift - order);
    if (!chunk || chunk_at(image, chunk)->order != order) {
      chunk = new_chunk(image, chunk, order);
      start = UINT64_MAX;
    }
    if (start != block / bits) {
      start = block / bits;
      if (chunk_at(image, chunk)->count == room) chunk = new_chunk(image, chunk, order);
      entry = (struct khoser_bitmap*)(void*)(chunk_at(image, chunk) + 1) + chunk_at(image, chunk)->count++;
      *entry = (struct khoser_bitmap){start * bits << (order + shift), new_bitmap(image)};
    }
    uint64_t* words = arena_at(&image->arena, entry->bitmap);
    words[block % bits / 64] |= UINT64_C(1) << (block % 64);
  }
  free(keys.keys);
  drop(image, image->map.root, image->map.levels - 1);
}

struct khoser_chunk_header* bitmaps_first(struct image* image) {
  bitmaps_write(image);
  return chunk_at(image, image->bitmaps.first);
}

struct khoser_bitmap* bitmaps_of(struct image* image, uint64_t pa, unsigned order) {
  const uint64_t bytes = bytes_of_bitmap(image) * 8 << (order + image->arena.page_shift);
  struct khoser_chunk_header* chunk = bitmaps_first(image);
  for (;; chunk = chunk_at(image, chunk->next)) {
    struct khoser_bitmap* entries = (struct khoser_bitmap*)(void*)(chunk + 1);
    for (uint32_t i = 0; chunk->order == order && i < chunk->count; i++)
      if (pa - entries[i].start < bytes) return &entries[i];
    if (!chunk->next) die("internal error: no bitmap for %#lx", (unsigned long)pa);
  }
}
