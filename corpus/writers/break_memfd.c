// Breaks of a memfd's record.
#include "breaks.h"

static struct memfd* first(struct image* image) { return &file_of(image, 0, 0)->memfd; }
static struct memfd* empty(struct image* image) { return &file_of(image, 0, 1)->memfd; }
static struct memfd_luo_ser* ser(struct image* image) { return memfd_ser(image, first(image)); }

static void record_without_key(struct image* image) { map_del(&image->map, first(image)->record, 0); }
static void record_tail(struct image* image) {
  *AT(uint8_t, first(image)->record + page_size(&image->arena) - 1) = 0x5a;
}
static void size_negative(struct image* image) { ser(image)->size = UINT64_C(1) << 63; }
static void pos_negative(struct image* image) { ser(image)->pos = UINT64_C(1) << 63; }
static void unknown_seal(struct image* image) { ser(image)->seals = MEMFD_ALL_SEALS + 1; }
static void flags(struct image* image) { ser(image)->flags = 1; }

static void empty_with_flags(struct image* image) {
  memfd_ser(image, empty(image))->folios.flags = KHO_VMALLOC_ALLOC;
}
static void empty_with_chunk(struct image* image) {
  memfd_ser(image, empty(image))->folios.first = vmalloc_append(image, &empty(image)->list);
}
static void first_zero(struct image* image) {
  memfd_unpreserve(image, first(image), false);
  ser(image)->folios.first = 0;
}

static void one_full_array_page(struct scenario* scenario) { scenario->folios = folios_per_page(scenario); }
static void one_folio_more(struct image* image) { ser(image)->nr_folios++; }

static void array_page_more(struct image* image) {
  struct kho_vmalloc_chunk* chunk = AT(struct kho_vmalloc_chunk, first(image)->list.chunks[0]);
  chunk->phys[1] = kho_alloc_preserve(image, REACH_SESSIONS);
  ser(image)->folios.total_pages++;
}
static void array_tail(struct image* image) {
  *AT(uint8_t, first(image)->list.pages[0] + page_size(&image->arena) - 1) = 0x5a;
}

static void size_zero(struct image* image) { ser(image)->size = 0; }
static void empty_with_size(struct image* image) {
  memfd_ser(image, empty(image))->size = page_size(&image->arena);
}

const struct break_rule memfd_breaks[] = {
    {"memfd-record-preserved", "", "The page of a memfd's record has no key.", NULL, record_without_key,
     false},
    {"memfd-record-tail-zero", "", "The last byte of a record's page is not zero.", NULL, record_tail, false},
    {"memfd-size-range", "memfd-folios-gap", "`size` is 2^63.", NULL, size_negative, false},
    {"memfd-pos-range", "", "`pos` is 2^63.", NULL, pos_negative, false},
    {"memfd-seals", "", "An unknown seal is set.", NULL, unknown_seal, false},
    {"memfd-flags", "", "`flags` is 1.", NULL, flags, false},
    {"memfd-array-empty", "", "An empty memfd has vmalloc flags.", NULL, empty_with_flags, false},
    {"memfd-array-unused", "", "An empty memfd has an empty chunk.", NULL, empty_with_chunk, false},
    {"memfd-array-null", "memfd-vmalloc-total-pages,memfd-folios-gap", "`first` of a memfd with folios is 0.",
     NULL, first_zero, false},
    {"memfd-array-bounds", "", "nr_folios is one more than the array holds.", one_full_array_page,
     one_folio_more, false},
    {"memfd-array-tight", "", "One more page, of zeros, ends the array.", NULL, array_page_more, false},
    {"memfd-array-tail-zero", "", "The last byte of the array is not zero.", NULL, array_tail, false},
    {"memfd-size-folios", "memfd-folios-gap", "`size` of a memfd with folios is 0.", NULL, size_zero, false},
    {"memfd-size-folios", "memfd-folios-gap", "A memfd without folios has the size of a page.", NULL,
     empty_with_size, false},
    {0},
};
