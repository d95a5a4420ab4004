// Input that no kernel writes and no rule is about. A reader has to end, quickly,
// with an answer or an error, whatever it meets here.
#include <stdio.h>
#include <string.h>

#include "breaks.h"

static struct memfd* first(struct image* image) { return &file_of(image, 0, 0)->memfd; }
static struct memfd_luo_ser* ser(struct image* image) { return memfd_ser(image, first(image)); }
static uint64_t hole(struct image* image) { return 39 * image->arena.unit; }
static uint64_t slots(struct image* image) { return UINT64_C(1) << image->map.table_bits; }

// What becomes a list of bitmaps is a tree before, and all of it is read.
static void needs_radix(const struct image* image) {
  if (image->scenario.kho >= KHO_V1) die("kho-v1 has no radix tree");
}

static void radix_cycle(struct image* image) {
  needs_radix(image);
  uint64_t* root = AT(uint64_t, image->map.root);
  for (uint64_t i = 0; i < slots(image); i++)
    if (!root[i]) root[i] = image->map.root;
}

static void radix_shared(struct image* image) {
  needs_radix(image);
  uint64_t node = image->map.root;
  for (unsigned level = 1; level < image->map.levels; level++) {
    const uint64_t child = map_new_node(&image->map);
    for (uint64_t i = 0; i < slots(image); i++) AT(uint64_t, node)[i] = child;
    node = child;
  }
  memset(AT(void, node), 0xff, page_size(&image->arena));
}

static void radix_full_leaf(struct image* image) {
  needs_radix(image);
  uint64_t nodes[MAP_MAX_LEVELS];
  map_path(&image->map, map_key(&image->map, image->root.pa, 0), nodes);
  memset(AT(void, nodes[image->map.levels - 1]), 0xff, page_size(&image->arena));
}

static void map_in_hole(struct image* image) {
  image->root.map = hole(image);
  kho_write_root(image);
}

static void huge_counts(struct image* image) {
  AT(struct kho_block_header_ser, image->session_blocks.blocks[0])->count = UINT64_MAX;
  session_ser(image, 0)->count = UINT64_MAX;
  flb_header(image)->count = UINT64_MAX;
  ser(image)->nr_folios = UINT64_C(1) << 60;
  ser(image)->folios.total_pages = UINT32_MAX;
  ser(image)->folios.order = UINT16_MAX;
}

static void huge_nr_folios(struct image* image) { ser(image)->nr_folios = UINT64_C(1) << 60; }
static void huge_size(struct image* image) { ser(image)->size = UINT64_MAX; }

static void sessions_in_hole(struct image* image) { luo_ser(image)->sessions_pa = hole(image); }
static void files_in_hole(struct image* image) { session_ser(image, 0)->files = hole(image); }
static void record_in_hole(struct image* image) { file_ser(image, 0, 0)->data = hole(image); }
static void chunk_in_hole(struct image* image) { ser(image)->folios.first = hole(image); }
static void array_in_hole(struct image* image) {
  AT(struct kho_vmalloc_chunk, first(image)->list.chunks[0])->phys[0] = hole(image);
}
static void flbs_in_hole(struct image* image) { luo_ser(image)->flbs_pa = hole(image); }
static void scratch_empty(struct image* image) { image->scratch_size = 0; }
static void scratch_in_hole(struct image* image) { image->scratch = hole(image); }

static void pointers_at_the_end(struct image* image) {
  luo_ser(image)->flbs_pa = UINT64_MAX - page_size(&image->arena) + 1;
  session_ser(image, 0)->files = UINT64_MAX - page_size(&image->arena) + 1;
  file_ser(image, 1, 0)->data = UINT64_MAX;
}

static void record_is_a_block(struct image* image) {
  file_ser(image, 0, 0)->data = image->session_blocks.blocks[0];
}
static void files_are_sessions(struct image* image) {
  session_ser(image, 0)->files = image->session_blocks.blocks[0];
}

// Header and strings stay; the structure block is noise.
static void fdt_noise(struct image* image, uint64_t pa) {
  for (uint64_t i = 56; i < 256; i++) *AT(uint8_t, pa + i) = (uint8_t)arena_random(&image->arena);
}
static void root_noise(struct image* image) { fdt_noise(image, image->root.pa); }
static void memblock_noise(struct image* image) { fdt_noise(image, image->memblock.pa); }

static void put32(struct image* image, uint64_t pa, uint32_t value) {
  const uint32_t big_endian = __builtin_bswap32(value);
  memcpy(AT(void, pa), &big_endian, sizeof(big_endian));
}

static void fdt_deep(struct image* image) {
  const uint64_t root = image->root.pa;
  const uint32_t nodes = ((uint32_t)page_size(&image->arena) - 64) / 8;
  for (uint32_t i = 0; i < nodes; i++) {
    put32(image, root + 56 + 8 * i, 1);
    put32(image, root + 60 + 8 * i, i ? 0x61000000 : 0);
  }
  put32(image, root + 4, (uint32_t)page_size(&image->arena));
  put32(image, root + 12, 56 + 8 * nodes);  // off_dt_strings
  put32(image, root + 32, 0);
  put32(image, root + 36, 8 * nodes);
}
static void fdt_endless(struct image* image) {
  // FDT_NOP up to the end of the structure block, and no FDT_END.
  for (uint64_t at = 64; at < 256; at += 4) put32(image, image->root.pa + at, 4);
}
static void fdt_wild_name(struct image* image) { put32(image, image->root.pa + 56 + 16, UINT32_MAX); }
static void fdt_wild_length(struct image* image) { put32(image, image->root.pa + 56 + 12, UINT32_MAX - 3); }
static void fdt_wild_offsets(struct image* image) {
  put32(image, image->root.pa + 8, UINT32_MAX - 3);
  put32(image, image->root.pa + 12, UINT32_MAX - 3);
}

static void without_root(struct scenario* scenario) { scenario->omit |= 1U << NOTE_ROOT; }

// A complete tree with an empty map of its own, at a lower address, without a key:
// what the kernel before left in the page cache.
static void two_roots(struct image* image) {
  const struct root real = image->root;
  image->root.pa = image->arena.unit;
  image->root.nr_children = 1;
  image->root.map = map_new_node(&image->map);
  arena_make_page(&image->arena, image->root.pa, REACH_ALWAYS);
  kho_write_root(image);
  image->root = real;
}
static void no_root(struct image* image) { memset(AT(void, image->root.pa), 0, page_size(&image->arena)); }

static void unknown_compatible(struct image* image) {
  strcpy(image->root.compatible, "kho-vX");
  kho_write_root(image);
}
static void unknown_subtree(struct image* image) {
  kho_add_child(image, "kho_of_tomorrow", hole(image), UINT64_MAX);
  kho_write_root(image);
}
static void unknown_handler(struct image* image) {
  memset(file_ser(image, 0, 0)->compatible, 0xff, FILE_COMPATIBLE_LENGTH);
  file_ser(image, 0, 0)->data = UINT64_MAX;
}

static void no_sessions(struct scenario* scenario) { scenario->sessions = scenario->idle_sessions = 0; }
static void long_chain(struct image* image) {
  while (image->session_blocks.nr_blocks <= KHO_MAX_BLOCKS) {
    const uint64_t pa = blocks_append(image, &image->session_blocks);
    AT(struct kho_block_header_ser, pa)->count = 1;
    snprintf(AT(struct luo_session_ser, pa + sizeof(struct kho_block_header_ser))->name, SESSION_NAME_LENGTH,
             "%zu", image->session_blocks.nr_blocks);
  }
  luo_ser(image)->sessions_pa = image->session_blocks.blocks[0];
}

static void many_sessions(struct scenario* scenario) {
  scenario->sessions = 1;
  scenario->files = 60;
  scenario->idle_sessions = 20000;
}
static void shared_file_block(struct image* image) {
  for (size_t i = 1; i < image->nr_sessions; i++) {
    session_ser(image, i)->files = session_ser(image, 0)->files;
    session_ser(image, i)->count = session_ser(image, 0)->count;
  }
}

static void same_array_page(struct image* image) {
  struct kho_vmalloc_chunk* chunk = AT(struct kho_vmalloc_chunk, first(image)->list.chunks[0]);
  const uint64_t entries = page_size(&image->arena) / 8 - 1;
  for (uint64_t i = 0; i < entries; i++) chunk->phys[i] = first(image)->list.pages[0];
  ser(image)->folios.total_pages = (uint32_t)entries;
  ser(image)->nr_folios = entries * folios_per_page(&image->scenario);
}
static void endless_array(struct image* image) {
  same_array_page(image);
  AT(struct kho_vmalloc_chunk, first(image)->list.chunks[0])->next = first(image)->list.chunks[0];
  ser(image)->folios.total_pages = UINT32_MAX;
  ser(image)->nr_folios = UINT64_C(1) << 36;
}

static void note_garbage(struct image* image) { image->note_text = "{\"ram\":[[\"0x0\","; }
static void note_unknown_member(struct image* image) {
  image->note_text = "{\"ramm\":[[\"0x0\",\"0x10000000\"]]}";
}
static void note_huge(struct image* image) {
  image->note_text =
      "{\"ram\":[[\"0xffffffffffff0000\",\"0xffffffffffff0000\"]],\"page_size\":18446744073709551615}";
}
static void note_page_size(struct image* image) {
  image->note_page_size = image->note_page_size == 65536 ? 4096 : 65536;
}
static void note_root_in_hole(struct image* image) { image->note_root = hole(image); }

static const struct bad_input kinds[] = {
    {"radix-cycle", "Every free slot of the root node leads back to it.", NULL, radix_cycle, 0},
    {"radix-shared", "Every slot of every node of a level leads to one child: 512^5 paths.", NULL,
     radix_shared, 0},
    {"radix-full-leaf", "Every bit of a leaf is set.", NULL, radix_full_leaf, 0},
    {"map-in-hole", "preserved-memory-map leads to a page that the dump lacks.", NULL, map_in_hole, 0},
    {"huge-counts", "Every count and length is as large as it gets.", NULL, huge_counts, 0},
    {"huge-nr-folios", "nr_folios is 2^60.", NULL, huge_nr_folios, 0},
    {"huge-size", "The size of a memfd is 2^64 - 1.", NULL, huge_size, 0},
    {"sessions-in-hole", "sessions_pa leads to a page that the dump lacks.", NULL, sessions_in_hole, 0},
    {"files-in-hole", "`files` of a session leads to a page that the dump lacks.", NULL, files_in_hole, 0},
    {"record-in-hole", "`data` of a file leads to a page that the dump lacks.", NULL, record_in_hole, 0},
    {"chunk-in-hole", "`first` of a memfd leads to a page that the dump lacks.", NULL, chunk_in_hole, 0},
    {"array-in-hole", "The page of a folio array is one that the dump lacks.", NULL, array_in_hole, 0},
    {"flbs-in-hole", "flbs_pa leads to a page that the dump lacks.", NULL, flbs_in_hole, 0},
    {"scratch-in-hole", "The scratch table is in a page that the dump lacks.", NULL, scratch_in_hole, 0},
    {"scratch-empty", "The note gives the scratch table no entry.", NULL, scratch_empty, 0},
    {"pointers-at-the-end", "Pointers lead to the last bytes of the address space.", NULL,
     pointers_at_the_end, 0},
    {"record-is-a-block", "`data` of a memfd leads to a session block.", NULL, record_is_a_block, 0},
    {"files-are-sessions", "`files` of a session leads to its own session block.", NULL, files_are_sessions,
     0},
    {"fdt-noise", "The structure block of the root FDT is noise.", NULL, root_noise, 0},
    {"fdt-noise-memblock", "The structure block of the memblock FDT is noise.", NULL, memblock_noise, 0},
    {"fdt-deep", "The nodes of the root FDT nest as deep as a page allows.", NULL, fdt_deep, 0},
    {"fdt-endless", "The root FDT has no end.", NULL, fdt_endless, 0},
    {"fdt-wild-name", "The name of a property is 4 GiB after the strings.", NULL, fdt_wild_name, 0},
    {"fdt-wild-length", "A property is 4 GiB long.", NULL, fdt_wild_length, 0},
    {"fdt-wild-offsets", "The blocks of the root FDT are 4 GiB after it.", NULL, fdt_wild_offsets, 0},
    {"two-roots", "Two valid KHO trees, and no note says which; the first one is a decoy.", without_root,
     two_roots, 0},
    {"no-root", "There is no KHO tree, and no note says where it was.", without_root, no_root, 0},
    {"unknown-compatible", "The root is compatible with \"kho-vX\".", NULL, unknown_compatible, 0},
    {"unknown-subtree", "A subtree that no kernel knows is in a hole and is 2^64 - 1 bytes long.", NULL,
     unknown_subtree, 0},
    {"unknown-handler", "A file's compatible string is 48 times 0xff, its data 2^64 - 1.", NULL,
     unknown_handler, 0},
    {"long-chain", "10001 session blocks with one session each.", no_sessions, long_chain, 0},
    {"shared-file-block", "20000 sessions share one file block of 60 files.", many_sessions,
     shared_file_block, 0},
    {"same-array-page", "All 511 entries of a chunk are the same page.", NULL, same_array_page, 0},
    {"endless-array", "The same, and the chunk leads back to itself.", NULL, endless_array, 0},
    {"note-garbage", "The note ends in the middle.", NULL, note_garbage, 0},
    {"note-unknown-member", "The note has a member that no kernel knows.", NULL, note_unknown_member, 0},
    {"note-huge", "The note's RAM wraps around, its page size is 2^64 - 1.", NULL, note_huge, 0},
    {"note-page-size", "The note names another page size than that of the image.", NULL, note_page_size, 0},
    {"note-root-in-hole", "The note's root is in a page that the dump lacks.", NULL, note_root_in_hole, 0},
    {"truncated-core", "The second half of the file is missing.", NULL, NULL, 50},
    {"truncated-headers", "The file ends in its program headers.", NULL, NULL, 1},
    {0},
};

const struct bad_input* bad_find(const char* kind) {
  for (const struct bad_input* entry = kinds; entry->kind; entry++)
    if (!strcmp(entry->kind, kind)) return entry;
  die("there is no bad input \"%s\"; --list-bad shows them all", kind);
}

void bad_list(void) {
  for (const struct bad_input* entry = kinds; entry->kind; entry++)
    printf("%s\t%s\n", entry->kind, entry->what);
}
