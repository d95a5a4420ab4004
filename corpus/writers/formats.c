#include <string.h>

#include "fdt.h"
#include "image.h"

const char* const kho_names[] = {"v4", "v3", "v2", "v1", "v1-512"};
const char* const luo_names[] = {"v5", "v4", "v3", "v2", "v1", "v1-session-v1", "none"};
const char* const memfd_names[] = {"v2", "v1"};
const char* const kho_compatibles[] = {"kho-v4", "kho-v3", "kho-v2", "kho-v1", "kho-v1"};
const char* const luo_compatibles[] = {"luo-v5", "luo-v4", "luo-v3", "luo-v2", "luo-v1", "luo-v1"};
const char* const memfd_compatibles[] = {"memfd-v2", "memfd-v1"};

static void address_node(struct fdt* fdt, const char* node, const char* compatible, const char* property,
                         uint64_t address, uint32_t length) {
  if (!node) return;
  fdt_begin_node(fdt, node);
  if (compatible) fdt_property(fdt, "compatible", compatible, (uint32_t)strlen(compatible) + 1);
  if (length) fdt_property(fdt, property, &address, length);
  fdt_end_node(fdt);
}

static uint32_t write_tree(struct image* image) {
  const struct luo_tree* tree = &image->luo_tree;
  const struct luo_ser* ser = arena_at(&image->arena, image->luo);
  struct fdt fdt;
  fdt_init(&fdt);
  fdt_begin_node(&fdt, "");
  if (tree->compatible_length) fdt_property(&fdt, "compatible", ser->compatible, tree->compatible_length);
  if (image->scenario.luo == LUO_V2) {
    const uint64_t header = tree->header_length ? image->luo_header : 0;
    if (tree->header_length) fdt_property(&fdt, "luo-abi-header", &header, tree->header_length);
  } else {
    if (tree->number_length)
      fdt_property(&fdt, "liveupdate-number", &ser->liveupdate_num, tree->number_length);
    address_node(&fdt, tree->session_node, tree->session_compatible, "luo-session-header", ser->sessions_pa,
                 tree->session_length);
    address_node(&fdt, tree->flb_node, tree->flb_compatible, "luo-flb-header", ser->flbs_pa,
                 tree->flb_length);
  }
  fdt_end_node(&fdt);
  uint8_t* page = arena_at(&image->arena, tree->pa);
  const uint32_t total = fdt_finish(&fdt, page, page_size(&image->arena));
  if (tree->unsound) page[0] = 0;
  return total;
}

void luo_tree_write(struct image* image) {
  kho_child(image, LUO_NAME)->size = write_tree(image);
  kho_write_root(image);
}

static void finish_luo(struct image* image) {
  if (!image->luo_tree.pa || !arena_has(&image->arena, image->luo)) return;
  struct luo_ser* ser = arena_at(&image->arena, image->luo);
  if (image->luo_tree.resized)
    luo_tree_write(image);
  else
    write_tree(image);
  if (image->scenario.luo == LUO_V2) {
    memmove(ser, &ser->liveupdate_num, sizeof(*ser) - sizeof(ser->compatible));
    memset((uint8_t*)ser + sizeof(*ser) - sizeof(ser->compatible), 0, sizeof(ser->compatible));
  } else {
    arena_drop_page(&image->arena, image->luo);
  }
}

// Names and nothing else.
static void finish_sessions(struct image* image) {
  const uint64_t base = image->session_blocks.blocks[0] + sizeof(uint64_t);
  uint8_t* names = arena_at(&image->arena, base);
  for (size_t i = 0; i < image->nr_sessions; i++) {
    memmove(names + i * SESSION_NAME_LENGTH, names + i * sizeof(struct luo_session_ser), SESSION_NAME_LENGTH);
    memset(names + (i + 1) * SESSION_NAME_LENGTH, 0,
           (i + 1) * sizeof(struct luo_session_ser) - (i + 1) * SESSION_NAME_LENGTH);
  }
}

static void finish_memfd(struct image* image, const struct memfd* memfd) {
  if (!memfd->record || !arena_has(&image->arena, memfd->record)) return;
  const struct memfd_luo_ser v2 = *memfd_ser(image, memfd);
  memset(memfd_ser(image, memfd), 0, sizeof(v2));
  const struct memfd_luo_ser_v1 v1 = {v2.pos, v2.size, v2.nr_folios, v2.folios};
  memcpy(memfd_ser(image, memfd), &v1, sizeof(v1));
}

void formats_finish(struct image* image) {
  if (image->scenario.kho >= KHO_V1) bitmaps_write(image);
  finish_luo(image);
  if (image->scenario.luo == LUO_V1_SESSION_V1) finish_sessions(image);
  if (image->scenario.memfd == MEMFD_V1) {
    for (size_t i = 0; i < image->nr_sessions; i++)
      for (size_t j = 0; j < image->sessions[i].nr_files; j++)
        finish_memfd(image, &image->sessions[i].files[j].memfd);
  }
}
