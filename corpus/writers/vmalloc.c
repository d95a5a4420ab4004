// kho_vmalloc: the list of a virtually contiguous area's pages.
#include <stdlib.h>

#include "image.h"

uint64_t vmalloc_append(struct image* image, struct vmalloc* list) {
  const uint64_t chunk = kho_alloc_preserve(image, list->reach);
  if (list->nr_chunks) {
    struct kho_vmalloc_chunk* last = arena_at(&image->arena, list->chunks[list->nr_chunks - 1]);
    last->next = chunk;
  }
  list->chunks = xrealloc(list->chunks, (list->nr_chunks + 1) * sizeof(*list->chunks));
  list->chunks[list->nr_chunks++] = chunk;
  return chunk;
}

void vmalloc_build(struct image* image, struct vmalloc* list, size_t nr_pages, enum reach reach) {
  const size_t capacity = page_size(&image->arena) / 8 - 1;
  list->reach = reach;
  list->nr_pages = nr_pages;
  list->pages = xrealloc(NULL, (nr_pages + 1) * sizeof(*list->pages));
  for (size_t i = 0; i < nr_pages; i++) list->pages[i] = kho_alloc_preserve(image, reach);
  uint64_t chunk = vmalloc_append(image, list);
  size_t used = 0;
  for (size_t i = 0; i < nr_pages; i++) {
    ((struct kho_vmalloc_chunk*)arena_at(&image->arena, chunk))->phys[used++] = list->pages[i];
    // The kernel takes the next chunk at once, so an exact fit leaves an empty one.
    if (used == capacity) chunk = vmalloc_append(image, list), used = 0;
  }
  if (list->descriptor)
    *vmalloc_ser(image, list) =
        (struct kho_vmalloc){list->chunks[0], (uint32_t)nr_pages, KHO_VMALLOC_ALLOC, 0};
}

struct kho_vmalloc* vmalloc_ser(const struct image* image, const struct vmalloc* list) {
  return arena_at(&image->arena, list->descriptor);
}

void vmalloc_unpreserve(struct image* image, const struct vmalloc* list) {
  for (size_t i = 0; i < list->nr_pages; i++) map_del(&image->map, list->pages[i], 0);
  for (size_t i = 0; i < list->nr_chunks; i++) map_del(&image->map, list->chunks[i], 0);
}

void vmalloc_free(struct vmalloc* list) {
  free(list->pages);
  free(list->chunks);
}
