// An object of a subsystem that is still to be written: it has a name, and a page of zeroes as its record.
#include <string.h>

#include "image.h"

const char* const spare_names[] = {"none", "file", "flb", "subtree"};

size_t spare_files(const struct image* image) { return image->scenario.spare == SPARE_FILE; }

void spare_build_files(struct image* image) {
  if (!spare_files(image)) return;
  for (size_t i = 0; i < image->scenario.sessions; i++) {
    const struct session* session = &image->sessions[i];
    struct luo_file_ser* ser = arena_at(&image->arena, session->files[session->nr_files - 1].ser);
    strcpy(ser->compatible, SPARE_NAME);
    ser->data = kho_alloc_preserve(image, REACH_SESSIONS);
  }
}

uint64_t spare_flb(struct image* image) {
  return image->scenario.spare == SPARE_FLB ? kho_alloc_preserve(image, REACH_SESSIONS) : 0;
}

void spare_build_subtree(struct image* image) {
  if (image->scenario.spare != SPARE_SUBTREE) return;
  kho_add_child(image, SPARE_NAME, kho_alloc_preserve(image, REACH_ALWAYS), page_size(&image->arena));
}
