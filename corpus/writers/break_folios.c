// Breaks of a memfd's folios. The first memfd has 11 of order 0.
#include "breaks.h"

static struct memfd* first(struct image* image) { return &file_of(image, 0, 0)->memfd; }
static struct memfd_luo_ser* ser(struct image* image) { return memfd_ser(image, first(image)); }
static struct memfd_luo_folio_ser* folio(struct image* image, uint64_t i) {
  return memfd_folio(image, first(image), i);
}

static void drop_key(struct image* image, uint64_t i) {
  map_del(&image->map, folio_pa(image, folio(image, i)), first(image)->orders[i]);
}

static void remove_folio(struct image* image, uint64_t i) {
  drop_key(image, i);
  const uint64_t last = first(image)->nr_folios - 1;
  for (; i < last; i++) *folio(image, i) = *folio(image, i + 1);
  *folio(image, last) = (struct memfd_luo_folio_ser){0};
  ser(image)->nr_folios--;
}

static void add_folio(struct image* image, uint64_t index) {
  const uint64_t pa = arena_alloc(&image->arena, 0);
  map_add(&image->map, pa, 0);
  struct memfd_luo_folio_ser* added = folio(image, first(image)->nr_folios);
  *added = *folio(image, 0);
  folio_set_pa(image, added, pa);
  added->index = index;
  ser(image)->nr_folios++;
}

static void gap(struct image* image) { remove_folio(image, 5); }
static void duplicate(struct image* image) { add_folio(image, 5); }
static void too_short(struct image* image) { remove_folio(image, first(image)->nr_folios - 1); }
static void size_larger(struct image* image) { ser(image)->size += UINT64_C(64) << 20; }
static void index_largest(struct image* image) { add_folio(image, UINT64_MAX); }

static void set_flags(struct image* image, uint64_t flags) {
  struct memfd_luo_folio_ser* changed = folio(image, 5);
  changed->pfn_flags = (changed->pfn_flags & ((UINT64_C(1) << FOLIO_PFN_BITS) - 1)) | flags << FOLIO_PFN_BITS;
}
static void not_uptodate(struct image* image) { set_flags(image, FOLIO_DIRTY); }
static void not_dirty(struct image* image) { set_flags(image, FOLIO_UPTODATE); }
static void unknown_flag(struct image* image) { set_flags(image, FOLIO_DIRTY | FOLIO_UPTODATE | 4); }

static void folio_without_key(struct image* image) { drop_key(image, 5); }
static void one_pair(struct scenario* scenario) { scenario->orders = "1"; }
static void inside_its_key(struct image* image) {
  folio_set_pa(image, folio(image, 0), folio_pa(image, folio(image, 0)) + page_size(&image->arena));
}

// The order-1 folio comes first; afterwards it is at index 1.
static void pair_and_single(struct scenario* scenario) { scenario->orders = "10"; }
static void swapped(struct image* image) {
  folio(image, 0)->index = 1;
  folio(image, 1)->index = 0;
}

static void move_to(struct image* image, uint64_t i, uint64_t pa) {
  drop_key(image, i);
  folio_set_pa(image, folio(image, i), pa);
}
static void same_pfn(struct image* image) { move_to(image, 6, folio_pa(image, folio(image, 5))); }
static void foreign_pfn(struct image* image) {
  move_to(image, 6, folio_pa(image, memfd_folio(image, &file_of(image, 1, 2)->memfd, 0)));
}
static void pfn_zero(struct image* image) {
  move_to(image, 0, 0);
  map_add(&image->map, 0, 0);
}
static void beyond_ram(struct image* image) {
  move_to(image, 0, NOWHERE);
  map_add(&image->map, NOWHERE, 0);
}
static void pfn_huge(struct image* image) {
  move_to(image, 0, UINT64_C(1) << (40 + image->arena.page_shift));
}
static void one_more(struct image* image) { ser(image)->nr_folios++; }
static void on_luo(struct image* image) { move_to(image, 0, image->luo); }
static void on_block(struct image* image) { move_to(image, 0, image->session_blocks.blocks[0]); }
static void one_page(struct scenario* scenario) { scenario->orders = "0"; }
static void huge_folio(struct image* image) {
  unsigned order = 1;
  while (page_size(&image->arena) << order <= image->arena.unit) order++;
  move_to(image, 0, 38 * image->arena.unit);
  map_add(&image->map, 38 * image->arena.unit, order);
}
static void on_metadata(struct image* image) { move_to(image, 0, image->metadata); }
static void on_own_record(struct image* image) { move_to(image, 0, first(image)->record); }

const struct break_rule folio_breaks[] = {
    {"memfd-folios-gap", "", "A folio in the middle is missing.", NULL, gap, false},
    {"memfd-folios-tile", "", "Two folios have the same index.", NULL, duplicate, false},
    {"memfd-folios-gap", "", "The last folio is missing.", NULL, too_short, false},
    {"memfd-folios-gap", "", "`size` is 64 MiB larger than the folios.", NULL, size_larger, false},
    {"memfd-folio-index-limit", "memfd-folios-gap", "One more folio has the index 2^64 - 1.", NULL,
     index_largest, false},
    {"memfd-folio-uptodate", "memfd-folio-flags", "A folio is not UPTODATE.", NULL, not_uptodate, false},
    {"memfd-folio-flags", "", "A folio is not DIRTY.", NULL, not_dirty, false},
    {"memfd-folio-flags", "", "A folio has an unknown flag.", NULL, unknown_flag, false},
    {"memfd-folio-preserved", "", "A folio has no key.", NULL, folio_without_key, false},
    {"memfd-folio-preserved", "kho-keys-referenced,memfd-folios-gap",
     "A folio is the second page of its key.", one_pair, inside_its_key, false},
    {"memfd-folio-index-aligned", "", "A folio of order 1 is at index 1.", pair_and_single, swapped, false},
    {"memfd-folio-order", "", "The only folio of a memfd is larger than the largest buddy block.", one_page,
     huge_folio, false},
    {"memfd-pfn-unique", "kho-ownership-disjoint", "Two folios of a memfd are the same page.", NULL, same_pfn,
     false},
    {"memfd-pfn-shared", "kho-ownership-disjoint", "Two memfds share a page.", NULL, foreign_pfn, false},
    {"memfd-pfn-nonzero", "", "A folio is page 0, which has a key.", NULL, pfn_zero, false},
    {"memfd-folio-empty", "", "An empty record follows the last folio.", NULL, one_more, false},
    {"memfd-folio-in-ram", "kho-key-in-ram", "A folio, with its key, is beyond RAM.", without_numa,
     beyond_ram, false},
    {"memfd-folio-in-ram", "memfd-folio-preserved", "The pfn of a folio is 2^40; it has no key.", NULL,
     pfn_huge, false},
    {"memfd-folio-given-back", "kho-ownership-disjoint", "A folio is the page of luo_ser.", NULL, on_luo,
     false},
    {"memfd-folio-given-back", "kho-ownership-disjoint", "A folio is a session block.", NULL, on_block,
     false},
    {"memfd-folio-not-structure", "kho-ownership-disjoint", "A folio is the page of kexec-metadata.", NULL,
     on_metadata, false},
    {"memfd-folio-not-structure", "kho-ownership-disjoint", "A folio is the page of its memfd's record.",
     NULL, on_own_record, false},
    {0},
};
