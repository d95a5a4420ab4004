// The preserved memory map: a radix tree of pages, kept as the kernel keeps it,
// one key at a time (kernel/liveupdate/kexec_handover.c). Nodes come from the
// arena; a removed key leaves its empty nodes, as it does in a kernel.
#pragma once

#include <stdbool.h>

#include "arena.h"

enum { MAP_MAX_LEVELS = 8, MAP_MAX_ORDER = 64 };

struct map {
  struct arena* arena;
  uint64_t root;
  unsigned levels;  // tables and the leaf
  unsigned key_bits;
  unsigned table_bits;  // log2 of the slots of a table
  unsigned leaf_bits;   // log2 of the bits of a leaf
  uint64_t nr_nodes;
  uint64_t nr_keys[MAP_MAX_ORDER];
};

void map_init(struct map* map, struct arena* arena);

void map_add(struct map* map, uint64_t pa, unsigned order);
void map_del(struct map* map, uint64_t pa, unsigned order);
bool map_has(const struct map* map, uint64_t pa, unsigned order);

// As kho_preserve_pages(): the greedy split into naturally aligned blocks, none across two NUMA nodes.
void map_add_pages(struct map* map, uint64_t pa, uint64_t pages);
void map_del_pages(struct map* map, uint64_t pa, uint64_t pages);

uint64_t map_key(const struct map* map, uint64_t pa, unsigned order);
// Sets the bit of any key, valid or not, without counting it.
void map_set_raw(struct map* map, uint64_t key);
// Addresses of the nodes on the path to a key, [0] the root; missing ones are made.
void map_path(struct map* map, uint64_t key, uint64_t nodes[MAP_MAX_LEVELS]);
uint64_t map_new_node(struct map* map);
// One table level less, as kernels with 16K pages had it: the bit that says order 0 is cut off.
void map_lower(struct map* map);
