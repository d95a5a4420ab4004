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

const struct break_rule earlier_breaks[] = {
    {"luo-sessions-pointer", "", "luo-v3: sessions_pa is not page aligned.", luo_v3, sessions_unaligned, false},
    {"luo-sessions-pointer", "", "luo-v2: sessions_pa lies beyond RAM.", luo_v2, sessions_beyond_ram, false},
    {"luo-session-array-preserved", "", "luo-v3: the pages of the sessions have no key.", luo_v3,
     sessions_without_key, false},
    {"luo-session-array-count", "", "luo-v3: one session more than fit.", luo_v3, sessions_over, false},
    {"luo-session-array-tail-zero", "", "luo-v2: the last byte behind the sessions is not zero.", luo_v2,
     sessions_tail, false},
    {"luo-file-array-pointer", "", "luo-v4: `files` of a session is not page aligned.", luo_v4,
     files_unaligned, false},
    {"luo-file-array-pointer", "", "luo-v4: `files` of a session lies beyond RAM.", luo_v4, files_beyond_ram,
     false},
    {"luo-file-array-preserved", "", "luo-v4: the pages of the files have no key.", luo_v4, files_without_key,
     false},
    {"luo-file-array-count", "",
     "luo-v4: a session counts one file more than fit.", luo_v4, files_over, false},
    {"luo-file-array-tail-zero", "", "luo-v4: the last byte behind the files is not zero.", luo_v4,
     files_tail, false},
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
    {"luo-header-preserved", "", "luo-v2: the page of luo_ser has no key.", luo_v2, header_without_key, false},
    {0},
};
