// Scratch table, root FDT and the subtrees that do not belong to LUO.
#include <string.h>

#include "fdt.h"
#include "image.h"

uint64_t kho_alloc_preserve(struct image* image, enum reach reach) {
  const uint64_t pa = arena_alloc_page(&image->arena, reach);
  map_add(&image->map, pa, 0);
  return pa;
}

uint64_t kho_alloc_preserve_block(struct image* image, uint64_t bytes, enum reach reach) {
  const uint64_t page = page_size(&image->arena);
  unsigned order = 0;
  while (page << order < bytes) order++;
  const uint64_t pa = arena_alloc(&image->arena, order);
  arena_make_block(&image->arena, pa, order, reach);
  map_add(&image->map, pa, order);
  return pa;
}

uint64_t kho_alloc_preserve_bytes(struct image* image, uint64_t bytes) {
  return kho_alloc_preserve_block(image, bytes, REACH_SESSIONS);
}

// The table is a memblock allocation in the kernel that made it, in the middle of
// a page with other things; the next kernel finds its copy in a kexec segment,
// and those are in scratch.
static void build_scratch(struct image* image) {
  struct arena* arena = &image->arena;
  const uint64_t unit = arena->unit;
  const unsigned nodes = image->scenario.numa_nodes;
  const bool early = image->scenario.phase == PHASE_EARLY;
  const uint64_t page = early ? 57 * unit - 16 * page_size(arena) : 62 * unit + 3 * page_size(arena);
  arena_make_page(arena, page, REACH_ALWAYS);
  image->scratch = early ? page : page + 0x40;
  image->scratch_size = (nodes + 2) * sizeof(struct scratch_entry);
  if (!early) memset(arena_at(arena, page), 0xa5, page_size(arena));
  struct scratch_entry* entries = arena_at(arena, image->scratch);
  entries[0] = (struct scratch_entry){53 * unit, 4 * unit};
  entries[1] = (struct scratch_entry){45 * unit, 8 * unit};
  entries[2] = (struct scratch_entry){41 * unit, 4 * unit};
  // A node without reservations of its own gets an entry of size 0.
  if (nodes == 2) entries[3] = (struct scratch_entry){0, 0};
}

struct child* kho_child(struct image* image, const char* name) {
  for (size_t i = 0; i < image->root.nr_children; i++)
    if (!strcmp(image->root.children[i].name, name)) return &image->root.children[i];
  die("this scenario has no subtree \"%s\"", name);
}

// libfdt puts a new child first: the last one registered is the first one found.
struct child* kho_add_child(struct image* image, const char* name, uint64_t data, uint64_t size) {
  struct root* root = &image->root;
  if (root->nr_children == sizeof(root->children) / sizeof(root->children[0])) die("too many subtrees");
  memmove(&root->children[1], &root->children[0], root->nr_children * sizeof(root->children[0]));
  root->nr_children++;
  struct child* child = &root->children[0];
  *child = (struct child){.data = data, .size = size, .data_length = 8};
  if (image->scenario.kho <= KHO_V3) child->size_length = 8;
  strncpy(child->name, name, sizeof(child->name) - 1);
  return child;
}

void kho_write_root(struct image* image) {
  const struct root* root = &image->root;
  struct fdt fdt;
  fdt_init(&fdt);
  fdt_begin_node(&fdt, "");
  fdt_property(&fdt, "compatible", root->compatible, (uint32_t)strlen(root->compatible) + 1);
  if (root->map_length) fdt_property(&fdt, KHO_MAP_PROPERTY, &root->map, root->map_length);
  for (size_t i = 0; i < root->nr_children; i++) {
    const struct child* child = &root->children[i];
    fdt_begin_node(&fdt, child->name);
    const char* data = image->scenario.kho >= KHO_V1 ? KHO_DATA_PROPERTY_V1 : KHO_DATA_PROPERTY;
    if (child->data_length) fdt_property(&fdt, data, &child->data, child->data_length);
    if (child->size_length) fdt_property(&fdt, KHO_SIZE_PROPERTY, &child->size, child->size_length);
    fdt_end_node(&fdt);
  }
  fdt_end_node(&fdt);
  uint8_t* page = arena_at(&image->arena, root->pa);
  const uint32_t total = fdt_finish(&fdt, page, page_size(&image->arena));
  // Bytes after the tree are left over from earlier, larger versions of it.
  memset(page + total, 0x5a, 64);
}

void memblock_add(struct image* image, const char* name, uint64_t start, uint64_t size) {
  struct memblock* memblock = &image->memblock;
  struct region* region = &memblock->regions[memblock->nr_regions++];
  *region = (struct region){.compatible = RESERVE_MEM_COMPATIBLE,
                            .start = start,
                            .size = size,
                            .start_length = 8,
                            .size_length = 8};
  strncpy(region->name, name, sizeof(region->name) - 1);
}

void memblock_write(struct image* image) {
  const struct memblock* memblock = &image->memblock;
  struct fdt fdt;
  fdt_init(&fdt);
  fdt_begin_node(&fdt, "");
  fdt_property(&fdt, "compatible", memblock->compatible, (uint32_t)strlen(memblock->compatible) + 1);
  for (size_t i = 0; i < memblock->nr_regions; i++) {
    const struct region* region = &memblock->regions[i];
    fdt_begin_node(&fdt, region->name);
    fdt_property(&fdt, "compatible", region->compatible, (uint32_t)strlen(region->compatible) + 1);
    if (region->start_length) fdt_property(&fdt, "start", &region->start, region->start_length);
    if (region->size_length) fdt_property(&fdt, "size", &region->size, region->size_length);
    fdt_end_node(&fdt);
  }
  fdt_end_node(&fdt);
  uint8_t* page = arena_at(&image->arena, memblock->pa);
  // The kernel takes this page without zeroing it.
  memset(page, 0x6b, page_size(&image->arena));
  kho_child(image, MEMBLOCK_NAME)->size = fdt_finish(&fdt, page, page_size(&image->arena));
  kho_write_root(image);
}

static void build_memblock(struct image* image) {
  struct arena* arena = &image->arena;
  struct memblock* memblock = &image->memblock;
  const uint64_t page = page_size(arena);
  if (!image->scenario.regions) return;
  strcpy(memblock->compatible, MEMBLOCK_COMPATIBLE);
  memblock->pa = kho_alloc_preserve(image, REACH_ALWAYS);
  kho_add_child(image, MEMBLOCK_NAME, memblock->pa, 1);
  memblock_add(image, "foo", 57 * arena->unit, 4 * arena->unit);
  // Five pages at a pfn of 2 modulo 4: keys of order 1, 1 and 0.
  if (image->scenario.regions > 1) memblock_add(image, "bar", arena_alloc(arena, 3) + 2 * page, 5 * page);
  for (size_t i = 0; i < memblock->nr_regions; i++) {
    const struct region* region = &memblock->regions[i];
    map_add_pages(&image->map, region->start, region->size >> arena->page_shift);
    arena_add_data(arena, region->start, region->size);
  }
  memblock_write(image);
}

void metadata_write(struct image* image, uint64_t pa) {
  struct kho_kexec_metadata* metadata = arena_at(&image->arena, pa);
  metadata->version = METADATA_VERSION;
  strcpy(metadata->previous_release, "7.3.4-khover-writer");
  metadata->kexec_count = 1;
}

void kho_build(struct image* image) {
  struct arena* arena = &image->arena;
  map_init(&image->map, arena);
  build_scratch(image);
  // Its neighbour stays free, so that a break can key both as one block.
  image->root.pa = arena_alloc(arena, 1);
  arena_make_page(arena, image->root.pa, REACH_ALWAYS);
  map_add(&image->map, image->root.pa, 0);
  strcpy(image->root.compatible, kho_compatibles[image->scenario.kho]);
  image->root.map = image->map.root;
  if (image->scenario.kho >= KHO_V1) {
    // The property is there from boot on; the address comes with the map.
    bitmaps_plan(image);
    image->root.map = image->scenario.phase == PHASE_OUTGOING ? 0 : image->bitmaps.first;
  }
  image->root.map_length = 8;
  if (image->scenario.kho <= KHO_V3) {
    image->metadata = kho_alloc_preserve(image, REACH_ALWAYS);
    metadata_write(image, image->metadata);
    kho_add_child(image, METADATA_NAME, image->metadata, sizeof(struct kho_kexec_metadata));
  }
  luo_build(image);
  build_memblock(image);
  if (image->scenario.test_folios) kho_test_build(image);
  spare_build_subtree(image);
  kho_write_root(image);
}
