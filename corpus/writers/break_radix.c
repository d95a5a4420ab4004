// Breaks of the preserved memory map and of who owns what in it.
#include "breaks.h"

// The table above the leaf that holds the root FDT's key.
static uint64_t* last_table(struct image* image) {
  uint64_t nodes[MAP_MAX_LEVELS];
  map_path(&image->map, map_key(&image->map, image->root.pa, 0), nodes);
  return AT(uint64_t, nodes[image->map.levels - 2]);
}
static uint64_t last_slot(const struct image* image) { return (UINT64_C(1) << image->map.table_bits) - 1; }

// Free slots are used, so that no key is lost with them.
static void slot_unaligned(struct image* image) { last_table(image)[last_slot(image)] = image->metadata + 8; }
static void slot_beyond_ram(struct image* image) { last_table(image)[last_slot(image)] = NOWHERE; }

// An empty leaf is legal; two ways to it are not, and no key comes of them.
static void leaf_shared(struct image* image) {
  const uint64_t leaf = map_new_node(&image->map);
  last_table(image)[last_slot(image)] = leaf;
  last_table(image)[last_slot(image) - 1] = leaf;
}

static void slot_too_wide(struct image* image) {
  AT(uint64_t, image->map.root)[100] = map_new_node(&image->map);
}
static void key_zero(struct image* image) { map_set_raw(&image->map, 0); }

static void key_one(struct image* image) { map_set_raw(&image->map, 1); }

static void key_beyond_ram(struct image* image) { map_add(&image->map, NOWHERE, 0); }

static void huge_ram_outgoing(struct scenario* scenario) {
  outgoing(scenario);
  scenario->huge_ram = true;
}
static void key_order_31(struct image* image) { map_add(&image->map, page_size(&image->arena) << 31, 31); }

static void huge_key(struct image* image) {
  const uint64_t pa = page_size(&image->arena) << 31;
  map_add(&image->map, pa, 34 - image->arena.page_shift);
  map_add(&image->map, pa + page_size(&image->arena), 0);
}

static void key_over_folio(struct image* image) {
  const uint64_t pa = folio_pa(image, memfd_folio(image, &file_of(image, 0, 0)->memfd, 0));
  map_add(&image->map, pa & ~(2 * page_size(&image->arena) - 1), 1);
}
static void key_inside_region(struct image* image) {
  map_add(&image->map, image->memblock.regions[0].start, 0);
}

static void two_nodes(struct scenario* scenario) { scenario->numa_nodes = 2; }
static void node_boundary_in_folio(struct image* image) {
  const struct memfd* memfd = &file_of(image, 1, 0)->memfd;
  const uint64_t middle =
      folio_pa(image, memfd_folio(image, memfd, 0)) + (page_size(&image->arena) << (memfd->orders[0] - 1));
  struct numa_range* numa = image->arena.numa;
  const uint64_t end = numa[1].range.start + numa[1].range.length;
  numa[0].range.length = middle;
  numa[1].range = (struct range){middle, end - middle};
}

static void key_of_node(struct image* image) { map_add(&image->map, image->map.root, 0); }

static void folio_in_scratch(struct image* image) {
  struct memfd_luo_folio_ser* folio = memfd_folio(image, &file_of(image, 0, 0)->memfd, 0);
  const uint64_t pa = 44 * image->arena.unit + 3 * page_size(&image->arena);
  map_del(&image->map, folio_pa(image, folio), 0);
  map_add(&image->map, pa, 0);
  folio_set_pa(image, folio, pa);
}
static void key_in_scratch(struct image* image) {
  map_add(&image->map, 44 * image->arena.unit + 3 * page_size(&image->arena), 0);
}

static void key_larger_than_ram(struct image* image) {
  unsigned order = 0;
  while (page_size(&image->arena) << order < 64 * image->arena.unit) order++;
  map_add(&image->map, UINT64_C(1) << 50, order);
}

// Of foo's three keys the second one becomes bar as well.
static void region_in_region(struct image* image) {
  const struct region* foo = &image->memblock.regions[0];
  struct region* bar = &image->memblock.regions[1];
  map_del_pages(&image->map, bar->start, bar->size >> image->arena.page_shift);
  bar->start = foo->start + image->arena.unit;
  bar->size = 2 * image->arena.unit;
  memblock_write(image);
}
// The last page of bar has a key of order 0.
static void folio_in_region(struct image* image) {
  const struct region* bar = &image->memblock.regions[1];
  struct memfd_luo_folio_ser* folio = memfd_folio(image, &file_of(image, 0, 0)->memfd, 0);
  map_del(&image->map, folio_pa(image, folio), 0);
  folio_set_pa(image, folio, bar->start + bar->size - page_size(&image->arena));
}

static void key_of_nobody(struct image* image) {
  map_add(&image->map, 39 * image->arena.unit + 7 * page_size(&image->arena), 0);
}

const struct break_rule radix_breaks[] = {
    {"kho-radix-slot", "", "A free slot of a table receives an unaligned address.", NULL, slot_unaligned,
     false},
    {"kho-radix-slot", "", "A free slot of a table receives an address beyond RAM.", NULL, slot_beyond_ram,
     false},
    {"kho-radix-tree", "", "Two slots lead to the same, empty, leaf.", NULL, leaf_shared, false},
    {"kho-radix-key-width", "", "Slot 100 of the root node, beyond the key width, leads to an empty node.",
     NULL, slot_too_wide, false},
    {"kho-radix-key-valid", "", "The bit of key 0 is set.", NULL, key_zero, false},
    {"kho-radix-key-valid", "", "The bit of key 1 is set.", NULL, key_one, false},
    {"kho-key-in-ram", "", "Outgoing: one more key beyond RAM.", outgoing_without_numa, key_beyond_ram,
     false},
    {"kho-key-in-ram", "kho-keys-referenced", "Finalized: one more key beyond RAM.", without_numa,
     key_beyond_ram, false},
    {"kho-key-order", "", "Outgoing: one more key of order 31, inside RAM.", huge_ram_outgoing, key_order_31,
     false},
    {"kho-keys-disjoint", "", "Outgoing: one more key of 16 GiB over a key of order 0.", huge_ram_outgoing,
     huge_key, false},
    {"kho-keys-overlap", "", "Outgoing: one more key of order 1 over a memfd's page.", outgoing,
     key_over_folio, false},
    {"kho-keys-overlap", "kho-keys-referenced",
     "Finalized: one more key of order 0 inside a reserve_mem region.", NULL, key_inside_region, false},
    {"kho-key-one-node", "", "The boundary of the NUMA nodes is inside a folio of order 9.", two_nodes,
     node_boundary_in_folio, false},
    {"kho-radix-nodes-unpreserved", "", "Outgoing: the root node of the tree has a key.", outgoing,
     key_of_node, false},
    {"kho-radix-nodes-unpreserved", "kho-keys-referenced", "Finalized: the root node of the tree has a key.",
     NULL, key_of_node, false},
    {"kho-keys-outside-scratch", "", "A memfd's folio, with its key, is in a scratch area.", NULL,
     folio_in_scratch, false},
    {"kho-keys-outside-scratch-outgoing", "", "Outgoing: one more key in a scratch area.", outgoing,
     key_in_scratch, false},
    {"kho-key-in-scratch", "kho-keys-referenced", "One more key in a scratch area.", NULL, key_in_scratch,
     false},
    {"kho-keys-fit-ram", "kho-key-in-ram", "Outgoing: one more key, as large as RAM and beyond it.",
     outgoing_without_numa, key_larger_than_ram, false},
    {"kho-ownership-disjoint", "", "One reserve_mem region is a part of the other one.", NULL,
     region_in_region, false},
    {"kho-ownership-disjoint", "", "A memfd's folio is the last page of a reserve_mem region.", NULL,
     folio_in_region, false},
    {"kho-keys-referenced", "", "One more key that belongs to nothing.", NULL, key_of_nobody, false},
    {0},
};
