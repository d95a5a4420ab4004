// memfds: a record, the array of its folios, and the folios.
#include <stdlib.h>
#include <string.h>

#include "image.h"

struct shape {
  uint64_t size;
  uint64_t pos;
  uint32_t seals;
  uint8_t* orders;
  uint64_t nr_folios;
};

static void push(struct shape* shape, unsigned order) {
  if (!(shape->nr_folios & (shape->nr_folios - 1)))
    shape->orders = xrealloc(shape->orders, shape->nr_folios ? 2 * shape->nr_folios : 1);
  shape->orders[shape->nr_folios++] = (uint8_t)order;
}

static void push_many(struct shape* shape, uint64_t count) {
  while (count--) push(shape, 0);
}

// A folio of order n starts at a multiple of 2^n pages of the file.
static void push_mixed(struct image* image, struct shape* shape, uint64_t pages) {
  for (uint64_t index = 0; index < pages;) {
    unsigned order = arena_random(&image->arena) % 5;
    while (index & ((UINT64_C(1) << order) - 1)) order--;
    push(shape, order);
    index += UINT64_C(1) << order;
  }
}

static void push_digits(struct shape* shape, const char* digits, uint64_t page) {
  for (; *digits; digits++) {
    push(shape, (unsigned)(*digits - '0'));
    shape->size += page << (*digits - '0');
  }
}

// Everything that was seen in real images, in turn: sizes that are no multiple of a
// page, no folios at all, orders 0 to 9, a folio that ends far past the file, a
// position past the end, all seals that go with F_SEAL_EXEC.
static struct shape shape_of(struct image* image, unsigned number) {
  const struct scenario* scenario = &image->scenario;
  const uint64_t page = page_size(&image->arena);
  const bool crowded = scenario->sessions * scenario->files > 40;
  struct shape shape = {0};
  if (scenario->empty_memfds) return shape;
  if (!number && scenario->orders) {
    push_digits(&shape, scenario->orders, page);
    return shape;
  }
  if (!number && scenario->folios) {
    push_many(&shape, scenario->folios);
    shape.size = scenario->folios * page;
    return shape;
  }
  if (scenario->memfd_size) {
    shape.size = scenario->memfd_size;
    push_many(&shape, (shape.size + page - 1) / page);
    return shape;
  }
  switch (number % 6) {
    case 0:
      shape.size = 10 * page + 123;
      push_many(&shape, 11);
      shape.pos = page;
      break;
    case 1:
      break;
    case 2:
      shape.size = (crowded ? 5 : 60) * page - 1;
      push_mixed(image, &shape, crowded ? 5 : 60);
      break;
    case 3:
      shape.size = 5 * page;
      push(&shape, crowded ? 3 : 9);
      break;
    case 4:
      if (crowded) break;
      push_digits(&shape, "90012345678", page);
      shape.seals = 0x0f;
      break;
    default:
      shape.size = 3 * page;
      push_many(&shape, 3);
      shape.pos = UINT64_C(1) << 40;
      shape.seals = 0x3e;
      break;
  }
  return shape;
}

static void build_folios(struct image* image, struct memfd* memfd, bool in_bank) {
  struct arena* arena = &image->arena;
  const uint64_t page = page_size(arena);
  const uint64_t per_page = page / sizeof(struct memfd_luo_folio_ser);
  memfd->list.descriptor = memfd->record + offsetof(struct memfd_luo_ser, folios);
  vmalloc_build(image, &memfd->list, (memfd->nr_folios + per_page - 1) / per_page, REACH_SESSIONS);
  uint64_t index = 0;
  for (uint64_t i = 0; i < memfd->nr_folios; i++) {
    const unsigned order = memfd->orders[i];
    const uint64_t pa = in_bank ? arena_alloc_bank(arena, order) : arena_alloc(arena, order);
    map_add(&image->map, pa, order);
    arena_add_data(arena, pa, page << order);
    *memfd_folio(image, memfd, i) = (struct memfd_luo_folio_ser){
        pa >> arena->page_shift | (uint64_t)(FOLIO_DIRTY | FOLIO_UPTODATE) << FOLIO_PFN_BITS, index};
    index += UINT64_C(1) << order;
  }
}

struct memfd memfd_build(struct image* image, unsigned number) {
  struct shape shape = shape_of(image, number);
  struct memfd memfd = {.size = shape.size, .nr_folios = shape.nr_folios, .orders = shape.orders};
  memfd.record = kho_alloc_preserve(image, REACH_SESSIONS);
  struct memfd_luo_ser* ser = memfd_ser(image, &memfd);
  ser->pos = shape.pos;
  ser->size = shape.size;
  ser->seals = shape.seals;
  // DMA into a memfd needs it sealed against change: F_SEAL_SEAL, F_SEAL_SHRINK and F_SEAL_GROW.
  if (image->scenario.iommufd) ser->seals |= 7;
  ser->nr_folios = shape.nr_folios;
  if (!shape.nr_folios) return memfd;
  build_folios(image, &memfd, !number && image->scenario.folios);
  return memfd;
}

struct memfd_luo_ser* memfd_ser(const struct image* image, const struct memfd* memfd) {
  return arena_at(&image->arena, memfd->record);
}

struct memfd_luo_folio_ser* memfd_folio(const struct image* image, const struct memfd* memfd, uint64_t i) {
  const uint64_t per_page = page_size(&image->arena) / sizeof(struct memfd_luo_folio_ser);
  struct memfd_luo_folio_ser* records = arena_at(&image->arena, memfd->list.pages[i / per_page]);
  return &records[i % per_page];
}

uint64_t folio_pa(const struct image* image, const struct memfd_luo_folio_ser* folio) {
  return (folio->pfn_flags & ((UINT64_C(1) << FOLIO_PFN_BITS) - 1)) << image->arena.page_shift;
}

void folio_set_pa(const struct image* image, struct memfd_luo_folio_ser* folio, uint64_t pa) {
  const uint64_t flags = folio->pfn_flags >> FOLIO_PFN_BITS;
  folio->pfn_flags = flags << FOLIO_PFN_BITS | pa >> image->arena.page_shift;
}

void memfd_unpreserve(struct image* image, const struct memfd* memfd, bool all) {
  for (uint64_t i = 0; i < memfd->nr_folios; i++)
    map_del(&image->map, folio_pa(image, memfd_folio(image, memfd, i)), memfd->orders[i]);
  vmalloc_unpreserve(image, &memfd->list);
  if (all) map_del(&image->map, memfd->record, 0);
}
