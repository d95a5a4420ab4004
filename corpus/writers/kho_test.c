// The subtree of CONFIG_TEST_KEXEC_HANDOVER: folios of all sorts, and a list of them.
#include <string.h>

#include "fdt.h"
#include "image.h"

static unsigned order_of(const struct image* image, uint64_t i) {
  static const unsigned char orders[] = {0, 2, 1, 0, 5, 3, 0, 4};
  return image->scenario.test_folios > 100 ? 0 : orders[i % sizeof(orders)];
}

uint64_t* kho_test_folio(const struct image* image, uint64_t i) {
  const uint64_t per_page = page_size(&image->arena) / sizeof(uint64_t);
  return (uint64_t*)arena_at(&image->arena, image->test.list.pages[i / per_page]) + i % per_page;
}

void kho_test_unpreserve_folio(struct image* image, uint64_t i) {
  const uint64_t order = *kho_test_folio(image, i) & (page_size(&image->arena) - 1);
  map_del(&image->map, *kho_test_folio(image, i) - order, (unsigned)order);
}

static void build_folios(struct image* image) {
  struct arena* arena = &image->arena;
  for (uint64_t i = 0; i < image->test.nr_folios; i++) {
    const unsigned order = order_of(image, i);
    const uint64_t pa = arena_alloc_bank(arena, order);
    map_add(&image->map, pa, order);
    arena_add_data(arena, pa, page_size(arena) << order);
    *kho_test_folio(image, i) = pa | order;
  }
}

static uint32_t write_fdt(struct image* image) {
  const uint32_t magic = KHO_TEST_MAGIC, csum = 0x600dc0de;
  const uint32_t nr_folios = (uint32_t)image->test.nr_folios;
  const struct kho_vmalloc list = {image->test.list.chunks[0], (uint32_t)image->test.list.nr_pages,
                                   KHO_VMALLOC_ALLOC, 0};
  struct fdt fdt;
  fdt_init(&fdt);
  fdt_begin_node(&fdt, "");
  fdt_property(&fdt, "compatible", KHO_TEST_COMPATIBLE, sizeof(KHO_TEST_COMPATIBLE));
  fdt_property(&fdt, "magic", &magic, sizeof(magic));
  fdt_begin_node(&fdt, "data");
  fdt_property(&fdt, "nr_folios", &nr_folios, sizeof(nr_folios));
  image->test.list.descriptor = image->test.fdt + fdt_property(&fdt, "folios_info", &list, sizeof(list));
  fdt_property(&fdt, "csum", &csum, sizeof(csum));
  fdt_end_node(&fdt);
  fdt_end_node(&fdt);
  return fdt_finish(&fdt, arena_at(&image->arena, image->test.fdt), page_size(&image->arena));
}

void kho_test_build(struct image* image) {
  struct arena* arena = &image->arena;
  struct kho_test* test = &image->test;
  const uint64_t page = page_size(arena), per_page = page / sizeof(uint64_t);
  test->nr_folios = image->scenario.test_folios;
  vmalloc_build(image, &test->list, (test->nr_folios + per_page - 1) / per_page, REACH_ALWAYS);
  build_folios(image);
  // Room for all addresses is reserved in the tree, which does not hold them. Its first page is in the core.
  unsigned order = 1;
  while (page << order < test->nr_folios * 8 + page) order++;
  test->fdt = arena_alloc(arena, order);
  map_add(&image->map, test->fdt, order);
  arena_make_page(arena, test->fdt, REACH_ALWAYS);
  arena_add_data(arena, test->fdt + page, (page << order) - page);
  kho_add_child(image, KHO_TEST_NAME, test->fdt, write_fdt(image));
}
