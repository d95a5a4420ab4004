// Who has a kho_vmalloc or a chain of blocks, and how to fill and empty it.
#include <stdio.h>
#include <string.h>

#include "breaks.h"

static void fill_memfd(struct scenario* scenario, size_t entries) { scenario->folios = entries; }
static struct vmalloc* memfd_list(struct image* image) { return &file_of(image, 0, 0)->memfd.list; }
static void memfd_unpreserve_folio(struct image* image, uint64_t i) {
  const struct memfd* memfd = &file_of(image, 0, 0)->memfd;
  map_del(&image->map, folio_pa(image, memfd_folio(image, memfd, i)), memfd->orders[i]);
}
const struct break_subject memfd_subject = {
    .prefix = "memfd",
    .entry_size = sizeof(struct memfd_luo_folio_ser),
    .fill = fill_memfd,
    .list = memfd_list,
    .unpreserve = memfd_unpreserve_folio,
};

static void fill_test(struct scenario* scenario, size_t entries) { scenario->test_folios = entries; }
static struct vmalloc* test_list(struct image* image) { return &image->test.list; }
const struct break_subject test_subject = {
    .prefix = "kho-test",
    .entry_size = sizeof(uint64_t),
    .setup = with_kho_test,
    .fill = fill_test,
    .list = test_list,
    .unpreserve = kho_test_unpreserve_folio,
};

static void fill_sessions(struct scenario* scenario, size_t entries) {
  scenario->sessions = 0;
  scenario->idle_sessions = (unsigned)entries;
}
static struct chain* session_chain(struct image* image) { return &image->session_blocks; }
static uint64_t session_head(struct image* image) {
  return image->luo + offsetof(struct luo_ser, sessions_pa);
}
static void make_session(struct image* image, uint64_t pa) {
  struct luo_session_ser* ser = AT(struct luo_session_ser, pa);
  snprintf(ser->name, sizeof(ser->name), "at %llx", (unsigned long long)pa);
}
const struct break_subject session_subject = {
    .prefix = "luo-session",
    .entry_size = sizeof(struct luo_session_ser),
    .fill = fill_sessions,
    .chain = session_chain,
    .head = session_head,
    .make_entry = make_session,
};

static void fill_files(struct scenario* scenario, size_t entries) {
  scenario->sessions = 1;
  scenario->files = (unsigned)entries;
  scenario->empty_memfds = true;
}
static struct chain* file_chain(struct image* image) { return &image->sessions[0].blocks; }
static uint64_t file_head(struct image* image) {
  return image->sessions[0].ser + offsetof(struct luo_session_ser, files);
}
static void make_file(struct image* image, uint64_t pa) {
  struct luo_file_ser* ser = AT(struct luo_file_ser, pa);
  strcpy(ser->compatible, memfd_compatibles[image->scenario.memfd]);
  ser->data = kho_alloc_preserve(image, REACH_SESSIONS);
  ser->token = 0x1000 + image->sessions[0].blocks.nr_blocks;
  session_ser(image, 0)->count = image->sessions[0].blocks.nr_blocks;
}
const struct break_subject file_subject = {
    .prefix = "luo-file",
    .entry_size = sizeof(struct luo_file_ser),
    .fill = fill_files,
    .chain = file_chain,
    .head = file_head,
    .make_entry = make_file,
};
