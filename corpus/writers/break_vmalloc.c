// Breaks of a kho_vmalloc, for every subject that has one. Its first chunk has one page.
#include "breaks.h"

static struct vmalloc* list(struct image* image) { return image->scenario.subject->list(image); }
static struct kho_vmalloc* ser(struct image* image) { return vmalloc_ser(image, list(image)); }
static struct kho_vmalloc_chunk* chunk(struct image* image) {
  return AT(struct kho_vmalloc_chunk, list(image)->chunks[0]);
}

static void fill(struct scenario* scenario, size_t full_pages, size_t further) {
  const size_t per_page = (UINT64_C(1) << scenario->page_shift) / scenario->subject->entry_size;
  scenario->subject->fill(scenario, full_pages * per_page + further);
}
static void two_array_pages(struct scenario* scenario) { fill(scenario, 1, 1); }
static void two_full_array_pages(struct scenario* scenario) { fill(scenario, 2, 0); }

static void first_unaligned(struct image* image) { ser(image)->first += 8; }
static void next_unaligned(struct image* image) { chunk(image)->next = list(image)->chunks[0] + 8; }
static void next_beyond_ram(struct image* image) { chunk(image)->next = NOWHERE; }
static void chunk_without_key(struct image* image) { map_del(&image->map, list(image)->chunks[0], 0); }
static void cycle(struct image* image) { chunk(image)->next = list(image)->chunks[0]; }

static void entry_behind_zero(struct image* image) { chunk(image)->phys[2] = 39 * image->arena.unit; }

static void two_empty_chunks(struct image* image) {
  vmalloc_append(image, list(image));
  vmalloc_append(image, list(image));
}
static void chunk_half_full(struct image* image) {
  const uint64_t next = vmalloc_append(image, list(image));
  AT(struct kho_vmalloc_chunk, next)->phys[0] = chunk(image)->phys[1];
  chunk(image)->phys[1] = 0;
}

static void one_entry_more(struct image* image) {
  chunk(image)->phys[1] = kho_alloc_preserve(image, list(image)->reach);
}
static void total_one_more(struct image* image) { ser(image)->total_pages++; }
static void total_huge(struct image* image) { ser(image)->total_pages = 1U << 26; }

static void order_40(struct image* image) { ser(image)->order = 40; }
static void unknown_flag(struct image* image) { ser(image)->flags |= 0x8000; }

static void entry_without_key(struct image* image) { map_del(&image->map, list(image)->pages[0], 0); }
static void entry_unaligned(struct image* image) { chunk(image)->phys[0] += 8; }

static void entry_twice(struct image* image) {
  const struct vmalloc* damaged = list(image);
  const size_t per_page = page_size(&image->arena) / image->scenario.subject->entry_size;
  for (uint64_t i = per_page; i < 2 * per_page; i++) image->scenario.subject->unpreserve(image, i);
  map_del(&image->map, damaged->pages[1], 0);
  arena_drop_page(&image->arena, damaged->pages[1]);
  chunk(image)->phys[1] = chunk(image)->phys[0];
}

const struct break_rule vmalloc_breaks[] = {
    {"*-vmalloc-chunk-pointer", "", "`first` is not page aligned.", NULL, first_unaligned, false},
    {"*-vmalloc-chunk-pointer", "*-vmalloc-chunks-full", "`next` of the last chunk is not page aligned.",
     NULL, next_unaligned, false},
    {"*-vmalloc-chunk-pointer", "*-vmalloc-chunks-full", "`next` of the last chunk is beyond RAM.", NULL,
     next_beyond_ram, false},
    {"*-vmalloc-chunk-preserved", "", "The page of a chunk has no key.", NULL, chunk_without_key, false},
    {"*-vmalloc-acyclic", "*-vmalloc-chunks-full", "`next` of the last chunk leads back to it.", NULL, cycle,
     false},
    {"*-vmalloc-entries-zero-terminated", "", "An address comes after the first zero of a chunk.", NULL,
     entry_behind_zero, false},
    {"*-vmalloc-chunks-full", "", "Two empty chunks end the chain.", NULL, two_empty_chunks, false},
    {"*-vmalloc-chunks-full", "", "The first of two chunks holds one page.", two_array_pages, chunk_half_full,
     false},
    {"*-vmalloc-total-pages", "", "The chunk holds one page more than total_pages says.", NULL,
     one_entry_more, false},
    {"*-vmalloc-total-pages", "memfd-array-tight", "total_pages is one too large.", NULL, total_one_more,
     false},
    {"*-vmalloc-order", "*-vmalloc-total-pages,*-vmalloc-entry-preserved", "`order` is 40.", NULL, order_40,
     false},
    {"*-vmalloc-fits-ram", "*-vmalloc-total-pages,memfd-array-tight", "total_pages is 2^26.", NULL,
     total_huge, false},
    {"*-vmalloc-flags", "", "An unknown flag is set.", NULL, unknown_flag, false},
    {"*-vmalloc-entry-preserved", "", "A page of the array has no key.", NULL, entry_without_key, false},
    {"*-vmalloc-entry-preserved", "kho-keys-referenced,kho-ownership-disjoint",
     "The address of a page of the array is not aligned.", NULL, entry_unaligned, false},
    {"*-vmalloc-pages-unique", "kho-ownership-disjoint,memfd-folios-tile,memfd-pfn-unique",
     "Both entries of an array of two full pages are the same page.", two_full_array_pages, entry_twice,
     false},
    {0},
};
