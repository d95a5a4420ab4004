#include "map.h"

#include <string.h>

void map_init(struct map* map, struct arena* arena) {
  memset(map, 0, sizeof(*map));
  map->arena = arena;
  // enum kho_radix_consts of 7.3.4. (Writers before d64b0372760e used four levels with 16K pages.)
  map->key_bits = 64 - arena->page_shift + 1;
  map->table_bits = arena->page_shift - 3;
  map->leaf_bits = arena->page_shift + 3;
  map->levels = (map->key_bits - map->leaf_bits + map->table_bits - 1) / map->table_bits + 1;
  map->root = map_new_node(map);
}

uint64_t map_new_node(struct map* map) {
  map->nr_nodes++;
  return arena_alloc_node(map->arena);
}

uint64_t map_key(const struct map* map, uint64_t pa, unsigned order) {
  const unsigned shift = map->arena->page_shift + order;
  return UINT64_C(1) << (64 - shift) | (shift < 64 ? pa >> shift : 0);
}

// Slot of `key` in a table `depth` steps below the root.
static uint64_t slot_of(const struct map* map, uint64_t key, unsigned depth) {
  const unsigned below = map->levels - 2 - depth;  // tables between this one and the leaf
  const unsigned shift = below * map->table_bits + map->leaf_bits;
  return (key >> shift) & ((UINT64_C(1) << map->table_bits) - 1);
}

void map_path(struct map* map, uint64_t key, uint64_t nodes[MAP_MAX_LEVELS]) {
  nodes[0] = map->root;
  for (unsigned depth = 0; depth + 1 < map->levels; depth++) {
    uint64_t* table = arena_at(map->arena, nodes[depth]);
    uint64_t* slot = &table[slot_of(map, key, depth)];
    if (!*slot) *slot = map_new_node(map);
    nodes[depth + 1] = *slot;
  }
}

static uint64_t* word_of(struct map* map, uint64_t key, uint64_t* bit) {
  uint64_t nodes[MAP_MAX_LEVELS];
  map_path(map, key, nodes);
  const uint64_t position = key & ((UINT64_C(1) << map->leaf_bits) - 1);
  *bit = UINT64_C(1) << (position % 64);
  return (uint64_t*)arena_at(map->arena, nodes[map->levels - 1]) + position / 64;
}

void map_set_raw(struct map* map, uint64_t key) {
  uint64_t bit;
  uint64_t* word = word_of(map, key, &bit);
  *word |= bit;
}

void map_add(struct map* map, uint64_t pa, unsigned order) {
  uint64_t bit;
  uint64_t* word = word_of(map, map_key(map, pa, order), &bit);
  if (*word & bit) die("internal error: key %#lx/%u added twice", (unsigned long)pa, order);
  *word |= bit;
  map->nr_keys[order]++;
}

void map_del(struct map* map, uint64_t pa, unsigned order) {
  uint64_t bit;
  uint64_t* word = word_of(map, map_key(map, pa, order), &bit);
  if (!(*word & bit)) die("internal error: key %#lx/%u is not there to remove", (unsigned long)pa, order);
  *word &= ~bit;
  map->nr_keys[order]--;
}

bool map_has(const struct map* map, uint64_t pa, unsigned order) {
  const uint64_t key = map_key(map, pa, order);
  uint64_t node = map->root;
  for (unsigned depth = 0; depth + 1 < map->levels; depth++) {
    node = ((uint64_t*)arena_at(map->arena, node))[slot_of(map, key, depth)];
    if (!node) return false;
  }
  const uint64_t position = key & ((UINT64_C(1) << map->leaf_bits) - 1);
  return ((uint64_t*)arena_at(map->arena, node))[position / 64] >> (position % 64) & 1;
}

static unsigned node_of(const struct arena* arena, uint64_t pa) {
  for (size_t i = 0; i < arena->nr_numa; i++)
    if (pa - arena->numa[i].range.start < arena->numa[i].range.length) return arena->numa[i].node;
  return ~0U;
}

static unsigned next_order(const struct map* map, uint64_t pa, uint64_t pages) {
  const struct arena* arena = map->arena;
  unsigned order = 63 - (unsigned)__builtin_clzll(pages);
  const uint64_t pfn = pa >> arena->page_shift;
  if (pfn && (unsigned)__builtin_ctzll(pfn) < order) order = (unsigned)__builtin_ctzll(pfn);
  while (order && node_of(arena, pa) != node_of(arena, pa + (page_size(arena) << order) - 1)) order--;
  return order;
}

void map_add_pages(struct map* map, uint64_t pa, uint64_t pages) {
  while (pages) {
    const unsigned order = next_order(map, pa, pages);
    map_add(map, pa, order);
    pa += page_size(map->arena) << order;
    pages -= UINT64_C(1) << order;
  }
}

void map_del_pages(struct map* map, uint64_t pa, uint64_t pages) {
  while (pages) {
    const unsigned order = next_order(map, pa, pages);
    map_del(map, pa, order);
    pa += page_size(map->arena) << order;
    pages -= UINT64_C(1) << order;
  }
}

static void merge(struct map* map, uint64_t into, uint64_t from, unsigned level) {
  uint64_t* to = arena_at(map->arena, into);
  const uint64_t* what = arena_at(map->arena, from);
  for (uint64_t i = 0; i < page_size(map->arena) / sizeof(*to); i++) {
    if (!level)
      to[i] |= what[i];
    else if (!to[i])
      to[i] = what[i];
    else if (what[i])
      merge(map, to[i], what[i], level - 1);
  }
}

void map_lower(struct map* map) {
  const uint64_t* root = arena_at(map->arena, map->root);
  const uint64_t first = root[0];
  map->levels--;
  merge(map, first, root[1], map->levels - 1);
  map->root = first;
}
