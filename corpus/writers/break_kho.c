// Breaks of the root FDT, its children and the scratch table.
#include <string.h>

#include "breaks.h"
#include "fdt.h"

static void header_magic(struct image* image) { *AT(uint8_t, image->root.pa) = 0; }

// The tree itself still fits; only the header claims 2 MiB.
static void header_totalsize(struct image* image) {
  memcpy(AT(uint8_t, image->root.pa + 4), "\0\x20\0\0", 4);
}

static void compatible(struct image* image, const char* text) {
  strcpy(image->root.compatible, text);
  kho_write_root(image);
}
static void compatible_old(struct image* image) { compatible(image, "kho-v0"); }
static void compatible_foreign(struct image* image) { compatible(image, "foo"); }
static void compatible_newer(struct image* image) { compatible(image, "kho-v9"); }
static void map_property(struct image* image, uint64_t value, uint32_t length) {
  image->root.map = value;
  image->root.map_length = length;
  kho_write_root(image);
}
static void map_zero(struct image* image) { map_property(image, 0, 8); }
static void map_short(struct image* image) { map_property(image, image->root.map, 4); }
static void map_unaligned(struct image* image) { map_property(image, image->root.map + 8, 8); }
static void map_beyond_ram(struct image* image) { map_property(image, NOWHERE, 8); }
static void map_missing(struct image* image) { map_property(image, 0, 0); }

static struct scratch_entry* scratch(struct image* image) { return AT(struct scratch_entry, image->scratch); }

static void scratch_odd_size(struct image* image) { image->scratch_size -= 8; }
static void scratch_short(struct image* image) { image->scratch_size -= sizeof(struct scratch_entry); }
static void scratch_all_empty(struct image* image) {
  for (size_t i = 0; i < image->scratch_size / sizeof(struct scratch_entry); i++) scratch(image)[i].size = 0;
}
static void scratch_beyond_ram(struct image* image) { scratch(image)[0].addr = UINT64_C(1) << 40; }
static void scratch_tail_beyond_ram(struct image* image) {
  const uint64_t unit = image->arena.unit;
  scratch(image)[0] = (struct scratch_entry){63 * unit, 2 * unit};
}
static void scratch_size_unaligned(struct image* image) {
  scratch(image)[0].size -= page_size(&image->arena);
}
static void scratch_addr_unaligned(struct image* image) {
  scratch(image)[0].addr += page_size(&image->arena);
  scratch(image)[0].size -= page_size(&image->arena);
}
static void scratch_twice(struct image* image) { scratch(image)[0] = scratch(image)[2]; }

// The least of the subtrees: nothing is below it.
static struct child* metadata(struct image* image) { return kho_child(image, METADATA_NAME); }

static void data_short(struct image* image) {
  metadata(image)->data_length = 4;
  kho_write_root(image);
}
static void data_zero(struct image* image) {
  metadata(image)->data = 0;
  kho_write_root(image);
}
static void size_missing(struct image* image) {
  metadata(image)->size_length = 0;
  kho_write_root(image);
}
static void size_zero(struct image* image) {
  metadata(image)->size = 0;
  kho_write_root(image);
}
static void size_huge(struct image* image) {
  metadata(image)->size = UINT64_C(1) << 40;
  kho_write_root(image);
}
static void size_short(struct image* image) {
  metadata(image)->size_length = 4;
  kho_write_root(image);
}

static uint64_t page_in_scratch(struct image* image) {
  const uint64_t pa = 44 * image->arena.unit + 3 * page_size(&image->arena);
  arena_make_page(&image->arena, pa, REACH_ALWAYS);
  return pa;
}

static void move_page(struct image* image, uint64_t from, uint64_t to) {
  memcpy(AT(void, to), AT(void, from), page_size(&image->arena));
  arena_drop_page(&image->arena, from);
}

static void node_in_scratch(struct image* image) {
  uint64_t nodes[MAP_MAX_LEVELS];
  const unsigned leaf = image->map.levels - 1;
  map_path(&image->map, map_key(&image->map, image->root.pa, 0), nodes);
  const uint64_t pa = page_in_scratch(image);
  uint64_t* slot = AT(uint64_t, nodes[leaf - 1]);
  while (*slot != nodes[leaf]) slot++;
  *slot = pa;
  move_page(image, nodes[leaf], pa);
}

static void luo_in_scratch(struct image* image) {
  if (image->luo_tree.pa) die("this version of LUO has a tree in that place");
  const uint64_t pa = page_in_scratch(image);
  move_page(image, image->luo, pa);
  map_del(&image->map, image->luo, 0);
  map_add(&image->map, pa, 0);
  image->luo = kho_child(image, LUO_NAME)->data = pa;
  kho_write_root(image);
}

// What any subtree may be: a device tree without nodes where it must be one.
static uint64_t new_blob(struct image* image) {
  const uint64_t pa = kho_alloc_preserve(image, REACH_ALWAYS);
  if (image->scenario.kho <= KHO_V3) {
    metadata_write(image, pa);
    return pa;
  }
  struct fdt fdt;
  fdt_init(&fdt);
  fdt_begin_node(&fdt, "");
  fdt_end_node(&fdt);
  fdt_finish(&fdt, AT(uint8_t, pa), page_size(&image->arena));
  return pa;
}

static void name_twice(struct image* image) {
  const uint64_t pa = new_blob(image);
  if (image->scenario.kho > KHO_V3) kho_add_child(image, METADATA_NAME, new_blob(image), 0);
  kho_add_child(image, METADATA_NAME, pa, sizeof(struct kho_kexec_metadata));
  kho_write_root(image);
}

static void luo_renamed(struct image* image) {
  strcpy(kho_child(image, LUO_NAME)->name, "luo");
  kho_write_root(image);
}

static void unknown_child(struct image* image) {
  kho_add_child(image, "nobody-knows-this", new_blob(image), 64);
  kho_write_root(image);
}

static void blob_without_key(struct image* image) { map_del(&image->map, image->metadata, 0); }
static void blob_larger_than_key(struct image* image) {
  metadata(image)->size = page_size(&image->arena) + 1;
  kho_write_root(image);
}
static void blob_unaligned(struct image* image) {
  memmove(AT(void, image->metadata + 8), AT(void, image->metadata), sizeof(struct kho_kexec_metadata));
  metadata(image)->data += 8;
  kho_write_root(image);
}

static void root_without_key(struct image* image) { map_del(&image->map, image->root.pa, 0); }
static void root_key_too_large(struct image* image) {
  map_del(&image->map, image->root.pa, 0);
  map_add(&image->map, image->root.pa, 1);
}

static void one_file(struct scenario* scenario) {
  scenario->sessions = scenario->files = 1;
  scenario->idle_sessions = 0;
}

// LUO v5 came with memfd v2; memfd v1 was written by kernels with LUO v1.
static void memfd_v1(struct image* image) {
  const struct memfd_luo_ser v2 = *memfd_ser(image, &file_of(image, 0, 0)->memfd);
  memset(AT(void, file_of(image, 0, 0)->memfd.record), 0, sizeof(v2));
  *AT(struct memfd_luo_ser_v1, file_of(image, 0, 0)->memfd.record) =
      (struct memfd_luo_ser_v1){v2.pos, v2.size, v2.nr_folios, v2.folios};
  strcpy(file_ser(image, 0, 0)->compatible, "memfd-v1");
}

const struct break_rule kho_breaks[] = {
    {"kho-root-header", "", "The magic number of the root FDT is wrong.", NULL, header_magic, false},
    {"kho-root-size", "", "totalsize of the root FDT is 2 MiB.", NULL, header_totalsize, false},
    {"kho-root-compatible", "kho-version-matrix",
     "The root is compatible with \"kho-v0\", which never existed.", NULL, compatible_old, false},
    {"kho-root-compatible", "", "The root is compatible with \"kho-v9\", newer than any known version.", NULL,
     compatible_newer, true},
    {"kho-root-compatible", "kho-version-matrix", "The root is compatible with \"foo\".", NULL,
     compatible_foreign, false},
    {"kho-memory-map-missing", "", "preserved-memory-map is 0.", NULL, map_zero, false},
    {"kho-memory-map-missing", "", "preserved-memory-map has length 4.", NULL, map_short, false},
    {"kho-memory-map-property", "", "preserved-memory-map is not page aligned.", NULL, map_unaligned, false},
    {"kho-memory-map-property", "", "preserved-memory-map lies beyond RAM.", NULL, map_beyond_ram, false},
    {"kho-memory-map-missing", "", "There is no preserved-memory-map.", NULL, map_missing, false},
    {"kho-scratch-table-shape", "kho-scratch-nodes", "The size of the scratch table is no multiple of 16.",
     NULL, scratch_odd_size, false},
    {"kho-scratch-table-shape", "", "Every scratch area is empty.", NULL, scratch_all_empty, false},
    {"kho-scratch-in-ram", "", "A scratch area is far beyond RAM.", NULL, scratch_beyond_ram, false},
    {"kho-scratch-in-ram", "", "A scratch area ends after the end of RAM.", NULL, scratch_tail_beyond_ram,
     false},
    {"kho-scratch-aligned", "", "The size of a scratch area is one page too small.", NULL,
     scratch_size_unaligned, false},
    {"kho-scratch-aligned", "", "A scratch area begins one page late.", NULL, scratch_addr_unaligned, false},
    {"kho-scratch-nodes", "", "The scratch table lacks its last entry.", NULL, scratch_short, false},
    {"kho-scratch-disjoint", "", "Two scratch areas are the same.", NULL, scratch_twice, false},
    {"kho-subtree-data", "", "preserved-data of kexec-metadata has length 4.", NULL, data_short, false},
    {"kho-subtree-data", "", "preserved-data of kexec-metadata is 0.", NULL, data_zero, false},
    {"kho-subtree-size", "", "kexec-metadata has no blob-size.", NULL, size_missing, false},
    {"kho-subtree-size-plausible", "kexec-metadata-size", "blob-size of kexec-metadata is 0.", NULL,
     size_zero, false},
    {"kho-subtree-size-plausible", "", "blob-size of kexec-metadata is 2^40.", NULL, size_huge, false},
    {"kho-subtree-size", "", "blob-size of kexec-metadata has length 4.", NULL, size_short, false},
    {"kho-structures-outside-scratch", "", "A leaf of the radix tree is in a scratch area.", NULL,
     node_in_scratch, false},
    {"luo-header-outside-scratch", "kho-keys-outside-scratch",
     "The luo_ser page, with its key, lies in a scratch area.", NULL, luo_in_scratch, false},
    {"kho-subtree-name-unique", "kho-subtree-known", "Two subtrees are called kexec-metadata.", NULL,
     name_twice, false},
    {"luo-subtree-name", "kho-subtree-known", "The subtree of LUO has another name.", NULL, luo_renamed,
     false},
    {"kho-subtree-known", "", "One more subtree has a name that no kernel knows.", NULL, unknown_child,
     false},
    {"kho-subtree-blob-preserved", "", "The page of kexec-metadata has no key.", NULL, blob_without_key,
     false},
    {"kho-subtree-blob-preserved", "", "kexec-metadata is larger than its key.", NULL, blob_larger_than_key,
     false},
    {"kho-subtree-blob-preserved", "kho-keys-referenced",
     "kexec-metadata begins 8 bytes after the start of its page.", NULL, blob_unaligned, false},
    {"kho-root-preserved", "", "The root FDT has no key.", NULL, root_without_key, false},
    {"kho-root-preserved", "kho-keys-referenced", "The key of the root FDT has order 1.", NULL,
     root_key_too_large, false},
    {"kho-version-matrix", "luo-file-handler-known",
     "The only file is a memfd-v1 with its 40-byte record, under luo-v5.", one_file, memfd_v1, false},
    {0},
};
