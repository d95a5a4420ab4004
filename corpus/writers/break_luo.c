// Breaks of luo_ser, sessions and files.
#include <string.h>

#include "breaks.h"

static void blob_size(struct image* image) {
  kho_child(image, LUO_NAME)->size = 24;
  kho_write_root(image);
}
static void blob_size_missing(struct image* image) {
  kho_child(image, LUO_NAME)->size_length = 0;
  kho_write_root(image);
}
static void header_tail(struct image* image) {
  *AT(uint8_t, image->luo + page_size(&image->arena) - 1) = 0x5a;
}
static void sessions_early(struct image* image) {
  luo_ser(image)->sessions_pa = image->session_blocks.blocks[0];
}
static void compatible_old(struct image* image) { strcpy(luo_ser(image)->compatible, "luo-v0"); }
static void compatible_newer(struct image* image) { strcpy(luo_ser(image)->compatible, "luo-v9"); }
static void compatible_tail(struct image* image) { luo_ser(image)->compatible[7] = 'x'; }
static void liveupdate_num(struct image* image) { luo_ser(image)->liveupdate_num = 0; }

static void name_empty(struct image* image) { memset(session_ser(image, 0)->name, 0, SESSION_NAME_LENGTH); }
static void name_unterminated(struct image* image) {
  memset(session_ser(image, 0)->name, 'a', SESSION_NAME_LENGTH);
}
static void name_tail(struct image* image) { session_ser(image, 0)->name[SESSION_NAME_LENGTH - 1] = 'x'; }
static void name_twice(struct image* image) {
  memcpy(session_ser(image, 1)->name, session_ser(image, 0)->name, SESSION_NAME_LENGTH);
}
static void token_twice(struct image* image) { file_ser(image, 0, 1)->token = file_ser(image, 0, 0)->token; }

static void compatible_empty(struct image* image) {
  memset(file_ser(image, 0, 0)->compatible, 0, FILE_COMPATIBLE_LENGTH);
}
static void compatible_unterminated(struct image* image) {
  char* compatible = file_ser(image, 0, 0)->compatible;
  memset(compatible + strlen(compatible), 'x', FILE_COMPATIBLE_LENGTH - strlen(compatible));
}
static void file_compatible_tail(struct image* image) {
  file_ser(image, 0, 0)->compatible[FILE_COMPATIBLE_LENGTH - 1] = 'x';
}

static void one_empty_file(struct scenario* scenario) {
  scenario->sessions = scenario->files = 1;
  scenario->empty_memfds = true;
}
static void count_without_files(struct image* image) { session_ser(image, 1)->count = 1; }
static void files_without_count(struct image* image) { session_ser(image, 0)->count = 0; }
static void count_over(struct image* image) { session_ser(image, 0)->count++; }
static void count_under(struct image* image) { session_ser(image, 0)->count--; }

static void set_compatible(struct image* image, const char* text) {
  struct luo_file_ser* ser = file_ser(image, 0, 0);
  memset(ser->compatible, 0, sizeof(ser->compatible));
  strcpy(ser->compatible, text);
}
static void handler_unknown(struct image* image) { set_compatible(image, "nobody-v1"); }
static void handler_newer(struct image* image) { set_compatible(image, "memfd-v9"); }

static void data_zero(struct image* image) { file_ser(image, 0, 0)->data = 0; }
static void data_unaligned(struct image* image) { file_ser(image, 0, 0)->data += 8; }
static void data_beyond_ram(struct image* image) { file_ser(image, 0, 0)->data = NOWHERE; }

static void two_empty_files(struct scenario* scenario) {
  one_empty_file(scenario);
  scenario->files = 2;
}
static void data_twice(struct image* image) {
  memfd_unpreserve(image, &file_of(image, 0, 1)->memfd, true);
  file_ser(image, 0, 1)->data = file_ser(image, 0, 0)->data;
}

static void data_is_block(struct image* image) {
  memfd_unpreserve(image, &file_of(image, 0, 0)->memfd, true);
  file_ser(image, 0, 0)->data = image->session_blocks.blocks[0];
}

static void block_of_two_sessions(struct image* image) {
  session_ser(image, 1)->files = session_ser(image, 0)->files;
  session_ser(image, 1)->count = session_ser(image, 0)->count;
}

static void two_flbs(struct scenario* scenario) { scenario->flbs = 2; }
static void flb_data_twice(struct image* image) { flb_ser(image, 1)->data = flb_ser(image, 0)->data; }

static void no_sessions(struct image* image) { luo_ser(image)->sessions_pa = 0; }

const struct break_rule luo_breaks[] = {
    {"luo-sessions-lost", "kho-keys-referenced", "sessions_pa is 0, and there are sessions.", NULL,
     no_sessions, false},
    {"luo-sessions-early", "", "Outgoing: sessions_pa leads to a session block.", outgoing, sessions_early,
     false},
    {"luo-header-tail-zero", "", "The last byte of the page of luo_ser is not zero.", NULL, header_tail,
     false},
    {"luo-blob-size", "", "LUO has no blob-size.", NULL, blob_size_missing, false},
    {"luo-blob-size", "", "blob-size of LUO is 24.", NULL, blob_size, false},
    {"luo-compatible", "kho-version-matrix", "LUO is compatible with \"luo-v0\", which never existed.", NULL,
     compatible_old, false},
    {"luo-compatible", "", "LUO is compatible with \"luo-v9\", newer than any known version.", NULL,
     compatible_newer, true},
    {"luo-compatible-tail", "", "A byte after the NUL of luo_ser.compatible is not zero.", NULL,
     compatible_tail, false},
    {"luo-liveupdate-number", "", "liveupdate_num is 0.", NULL, liveupdate_num, false},
    {"luo-session-name", "", "The name of a session is empty.", NULL, name_empty, false},
    {"luo-session-name", "", "The name of a session has no NUL.", NULL, name_unterminated, false},
    {"luo-session-name-tail", "", "A byte after a session's name is not zero.", NULL, name_tail, false},
    {"luo-session-name-unique", "", "Two sessions have the same name.", NULL, name_twice, false},
    {"luo-token-unique", "", "Two files of a session have the same token.", NULL, token_twice, false},
    {"luo-file-compatible", "luo-file-handler-known", "A file's compatible string is empty.", NULL,
     compatible_empty, false},
    {"luo-file-compatible", "luo-file-handler-known", "A file's compatible string has no NUL.", NULL,
     compatible_unterminated, false},
    {"luo-file-compatible-tail", "", "A byte after a file's compatible string is not zero.", NULL,
     file_compatible_tail, false},
    {"luo-session-files-lost", "luo-session-file-count", "A session without files counts one.",
     one_empty_file, count_without_files, false},
    {"luo-session-files-null", "luo-session-file-count,kho-keys-referenced",
     "A session with a file counts none.", one_empty_file, files_without_count, false},
    {"luo-session-file-count", "", "A session counts one file too many.", NULL, count_over, false},
    {"luo-session-file-count", "", "A session counts one file too few.", NULL, count_under, false},
    {"luo-file-block-owner-unique", "kho-ownership-disjoint,luo-data-unique",
     "A session without files receives the file block of another one.", one_empty_file, block_of_two_sessions,
     false},
    {"luo-file-handler-known", "", "No handler has the name of a file's.", NULL, handler_unknown, false},
    {"luo-file-handler-known", "", "A file is a \"memfd-v9\", newer than any known version.", NULL,
     handler_newer, true},
    {"luo-file-data", "", "`data` of a memfd is 0.", NULL, data_zero, false},
    {"luo-file-data", "", "`data` of a memfd is not page aligned.", NULL, data_unaligned, false},
    {"luo-file-data", "", "`data` of a memfd is beyond RAM.", NULL, data_beyond_ram, false},
    {"luo-file-data-given-back", "luo-data-unique,kho-ownership-disjoint",
     "`data` of a memfd is the address of the session block.", one_empty_file, data_is_block, false},
    {"luo-data-unique", "kho-ownership-disjoint", "Two empty memfds have the same record.", two_empty_files,
     data_twice, false},
    {"luo-data-unique", "test-flb-data", "Two FLBs have the same data.", two_flbs, flb_data_twice, false},
    {0},
};
