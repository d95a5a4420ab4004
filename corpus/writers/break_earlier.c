// Breaks of what only earlier kernels write: arrays of sessions and files, the device tree of LUO.
#include <string.h>

#include "breaks.h"

static void luo_v2(struct scenario* scenario) {
  scenario->kho = KHO_V3;
  scenario->luo = LUO_V2;
}
static void luo_v3(struct scenario* scenario) {
  scenario->kho = KHO_V3;
  scenario->luo = LUO_V3;
}
static void luo_v4(struct scenario* scenario) { scenario->luo = LUO_V4; }
static void luo_v4_one_empty_file(struct scenario* scenario) {
  luo_v4(scenario);
  scenario->sessions = scenario->files = 1;
  scenario->empty_memfds = true;
}

static uint64_t sessions(struct image* image) { return image->session_blocks.blocks[0]; }
static unsigned order_of(unsigned pages) { return (unsigned)__builtin_ctz(pages); }
static uint64_t bytes_of(struct image* image, uint64_t pages) { return pages * page_size(&image->arena); }

static void sessions_unaligned(struct image* image) { luo_ser(image)->sessions_pa += 8; }
static void sessions_beyond_ram(struct image* image) { luo_ser(image)->sessions_pa = NOWHERE; }
static void sessions_without_key(struct image* image) {
  map_del(&image->map, sessions(image), order_of(LUO_SESSION_PAGES));
}
static void sessions_over(struct image* image) {
  const uint64_t room = bytes_of(image, LUO_SESSION_PAGES) - sizeof(uint64_t);
  *AT(uint64_t, sessions(image)) = room / sizeof(struct luo_session_ser) + 1;
}
static void sessions_tail(struct image* image) {
  *AT(uint8_t, sessions(image) + bytes_of(image, LUO_SESSION_PAGES) - 1) = 0x5a;
}

static uint64_t files(struct image* image) { return session_ser(image, 0)->files; }
static void files_unaligned(struct image* image) { session_ser(image, 0)->files += 8; }
static void files_beyond_ram(struct image* image) { session_ser(image, 0)->files = NOWHERE; }
static void files_without_key(struct image* image) {
  map_del(&image->map, files(image), order_of(LUO_FILE_PAGES));
}
static void files_over(struct image* image) {
  session_ser(image, 0)->count = bytes_of(image, LUO_FILE_PAGES) / sizeof(struct luo_file_ser) + 1;
}
static void files_tail(struct image* image) {
  *AT(uint8_t, files(image) + bytes_of(image, LUO_FILE_PAGES) - 1) = 0x5a;
}
static void files_of_two_sessions(struct image* image) {
  session_ser(image, 1)->files = session_ser(image, 0)->files;
  session_ser(image, 1)->count = session_ser(image, 0)->count;
}

static void tree_unsound(struct image* image) { image->luo_tree.unsound = true; }
static void tree_newer(struct image* image) { strcpy(luo_ser(image)->compatible, "luo-v9"); }
static void tree_size(struct image* image) {
  kho_child(image, LUO_NAME)->size = page_size(&image->arena);
  kho_write_root(image);
}
static void header_length(struct image* image, uint32_t length) {
  image->luo_tree.header_length = length;
  image->luo_tree.resized = true;
}
static void header_short(struct image* image) { header_length(image, 4); }
static void header_missing(struct image* image) { header_length(image, 0); }
static void header_unaligned(struct image* image) { image->luo_header += 8; }
static void header_without_key(struct image* image) { map_del(&image->map, image->luo, 0); }

static void luo_v1(struct scenario* scenario) {
  scenario->kho = KHO_V2;
  scenario->luo = LUO_V1;
  scenario->memfd = MEMFD_V1;
}
static void tree_foreign(struct image* image) { strcpy(luo_ser(image)->compatible, "foo"); }
static void number_length(struct image* image, uint32_t length) {
  image->luo_tree.number_length = length;
  image->luo_tree.resized = true;
}
static void number_short(struct image* image) { number_length(image, 4); }
static void number_missing(struct image* image) { number_length(image, 0); }
static void no_session_node(struct image* image) { image->luo_tree.session_node = "luo-sessions"; }
static void session_foreign(struct image* image) { image->luo_tree.session_compatible = "luo-session-v0"; }
static void session_newer(struct image* image) { image->luo_tree.session_compatible = "luo-session-v9"; }
static void flb_foreign(struct image* image) { image->luo_tree.flb_compatible = "foo"; }
static void session_short(struct image* image) { image->luo_tree.session_length = 4; }
static void session_zero(struct image* image) { luo_ser(image)->sessions_pa = 0; }
static void flb_short(struct image* image) { image->luo_tree.flb_length = 4; }

static void memblock_magic(struct image* image) { *AT(uint8_t, image->memblock.pa) = 0; }

static void folio_not_uptodate(struct image* image) {
  struct memfd_luo_folio_ser* folio = memfd_folio(image, &file_of(image, 0, 0)->memfd, 0);
  folio->pfn_flags &= ~((uint64_t)FOLIO_UPTODATE << FOLIO_PFN_BITS);
}

static void pages_of_16k(struct scenario* scenario) {
  scenario->page_shift = 14;
  scenario->kho = KHO_V3;
  scenario->luo = LUO_V1;
  scenario->memfd = MEMFD_V1;
}
static void tree_too_low(struct image* image) {
  map_lower(&image->map);
  image->root.map = image->map.root;
  kho_write_root(image);
}

const struct break_rule earlier_breaks[] = {
    {"luo-tree-compatible", "", "luo-v1: LUO is compatible with \"foo\".", luo_v1, tree_foreign, false},
    {"luo-tree-number", "", "luo-v1: liveupdate-number has length 4.", luo_v1, number_short, false},
    {"luo-tree-number", "", "luo-v1: there is no liveupdate-number.", luo_v1, number_missing, false},
    {"luo-node-session", "kho-keys-referenced", "luo-v1: the node of the sessions has another name.", luo_v1,
     no_session_node, false},
    {"luo-node-compatible", "", "luo-v1: the sessions are compatible with \"luo-session-v0\".", luo_v1,
     session_foreign, false},
    {"luo-node-compatible", "",
     "luo-v1: the sessions are a \"luo-session-v9\", newer than any known version.", luo_v1, session_newer,
     true},
    {"luo-node-compatible", "", "luo-v1: the FLBs are compatible with \"foo\".", luo_v1, flb_foreign, false},
    {"luo-node-header", "kho-keys-referenced", "luo-v1: luo-session-header has length 4.", luo_v1,
     session_short, false},
    {"luo-node-header", "kho-keys-referenced", "luo-v1: luo-session-header is 0.", luo_v1, session_zero,
     false},
    {"luo-node-header", "kho-keys-referenced", "luo-v1: luo-flb-header has length 4.", luo_v1, flb_short,
     false},
    {"kho-subtree-fdt", "", "kho-v2: the magic number of memblock's device tree is wrong.", luo_v1,
     memblock_magic, false},
    {"memfd-folio-flags-early", "", "memfd-v1: a folio is not up to date.", luo_v1, folio_not_uptodate,
     false},
    {"kho-radix-order-bit", "", "kho-v3 with pages of 16K: the tree has a level too few.", pages_of_16k,
     tree_too_low, false},
    {"luo-sessions-pointer", "", "luo-v3: sessions_pa is not page aligned.", luo_v3, sessions_unaligned,
     false},
    {"luo-sessions-pointer", "", "luo-v2: sessions_pa is beyond RAM.", luo_v2, sessions_beyond_ram, false},
    {"luo-session-array-preserved", "", "luo-v3: the pages of the sessions have no key.", luo_v3,
     sessions_without_key, false},
    {"luo-session-array-count", "", "luo-v3: one session more than fit.", luo_v3, sessions_over, false},
    {"luo-session-array-tail-zero", "", "luo-v2: the last byte after the sessions is not zero.", luo_v2,
     sessions_tail, false},
    {"luo-file-array-pointer", "", "luo-v4: `files` of a session is not page aligned.", luo_v4,
     files_unaligned, false},
    {"luo-file-array-pointer", "", "luo-v4: `files` of a session is beyond RAM.", luo_v4, files_beyond_ram,
     false},
    {"luo-file-array-preserved", "", "luo-v4: the pages of the files have no key.", luo_v4, files_without_key,
     false},
    {"luo-file-array-count", "", "luo-v4: a session counts one file more than fit.", luo_v4, files_over,
     false},
    {"luo-file-array-tail-zero", "", "luo-v4: the last byte after the files is not zero.", luo_v4, files_tail,
     false},
    {"luo-file-array-owner-unique", "kho-ownership-disjoint",
     "luo-v4: a session without files receives the files of another one.", luo_v4_one_empty_file,
     files_of_two_sessions, false},
    {"luo-tree", "", "luo-v2: the magic number of LUO's device tree is wrong.", luo_v2, tree_unsound, false},
    {"luo-tree-compatible", "", "luo-v2: LUO is compatible with \"luo-v9\", newer than any known version.",
     luo_v2, tree_newer, true},
    {"luo-tree-size", "", "luo-v2: blob-size of LUO is a page.", luo_v2, tree_size, false},
    {"luo-tree-header", "", "luo-v2: luo-abi-header has length 4.", luo_v2, header_short, false},
    {"luo-tree-header", "", "luo-v2: there is no luo-abi-header.", luo_v2, header_missing, false},
    {"luo-tree-header", "", "luo-v2: luo-abi-header is not page aligned.", luo_v2, header_unaligned, false},
    {"luo-header-preserved", "", "luo-v2: the page of luo_ser has no key.", luo_v2, header_without_key,
     false},
    {0},
};
