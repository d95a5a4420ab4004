// Linked blocks: pages of {next, count} and as many entries as fit.
#include <string.h>

#include "image.h"

size_t block_capacity(const struct image* image, size_t entry_size) {
  return (page_size(&image->arena) - sizeof(struct kho_block_header_ser)) / entry_size;
}

uint64_t blocks_append(struct image* image, struct chain* chain) {
  const uint64_t block = kho_alloc_preserve(image, REACH_SESSIONS);
  if (chain->nr_blocks) {
    struct kho_block_header_ser* last = arena_at(&image->arena, chain->blocks[chain->nr_blocks - 1]);
    last->next = block;
  }
  chain->blocks = xrealloc(chain->blocks, (chain->nr_blocks + 1) * sizeof(*chain->blocks));
  chain->blocks[chain->nr_blocks++] = block;
  return block;
}

struct chain blocks_build(struct image* image, size_t count, size_t entry_size, uint64_t* entries) {
  const size_t capacity = block_capacity(image, entry_size);
  struct chain chain = {0};
  for (size_t done = 0; done < count;) {
    const uint64_t block = blocks_append(image, &chain);
    const size_t here = count - done < capacity ? count - done : capacity;
    for (size_t i = 0; i < here; i++)
      entries[done + i] = block + sizeof(struct kho_block_header_ser) + i * entry_size;
    // Counts and entries are written when the reboot is certain; the chain itself is there before.
    if (image->scenario.phase != PHASE_OUTGOING)
      ((struct kho_block_header_ser*)arena_at(&image->arena, block))->count = here;
    done += here;
  }
  return chain;
}
