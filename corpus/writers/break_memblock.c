// Breaks of the subtrees memblock and kexec-metadata.
#include <string.h>

#include "breaks.h"

static void bad_fdt(struct image* image) { *AT(uint8_t, image->memblock.pa) = 0; }

static void compatible(struct image* image) {
  strcpy(image->memblock.compatible, "memblock-v0");
  memblock_write(image);
}

static void blob_size(struct image* image) {
  kho_child(image, MEMBLOCK_NAME)->size += 8;
  kho_write_root(image);
}

static struct region* foo(struct image* image) { return &image->memblock.regions[0]; }
static struct region* bar(struct image* image) { return &image->memblock.regions[1]; }

static void region_compatible(struct image* image) {
  strcpy(bar(image)->compatible, "reserve-mem-v0");
  memblock_write(image);
}
static void start_short(struct image* image) {
  bar(image)->start_length = 4;
  memblock_write(image);
}
static void size_missing(struct image* image) {
  bar(image)->size_length = 0;
  memblock_write(image);
}

static void page_without_key(struct image* image) {
  map_del(&image->map, bar(image)->start + 4 * page_size(&image->arena), 0);
}
static void keys_split(struct image* image) {
  map_del(&image->map, bar(image)->start, 1);
  map_add(&image->map, bar(image)->start, 0);
  map_add(&image->map, bar(image)->start + page_size(&image->arena), 0);
}
// A size that is no multiple of a page: the kernel keeps only the whole pages of it.
static void size_cut(struct image* image) {
  const uint64_t page = page_size(&image->arena);
  map_del_pages(&image->map, bar(image)->start, 5);
  map_add(&image->map, bar(image)->start, 0);
  bar(image)->start += 3 * page / 4;
  bar(image)->size = page + page / 4;
  memblock_write(image);
}

static void region_beyond_ram(struct image* image) {
  const uint64_t pages = bar(image)->size >> image->arena.page_shift;
  map_del_pages(&image->map, bar(image)->start, pages);
  bar(image)->start = NOWHERE + 2 * page_size(&image->arena);
  map_add_pages(&image->map, bar(image)->start, pages);
  memblock_write(image);
}

// The same pages as before, in either way to count them: 4 whole ones and a piece of the fifth.
static void start_unaligned(struct image* image) {
  bar(image)->start += 8;
  bar(image)->size -= 8;
  memblock_write(image);
}

static void name_twice(struct image* image) {
  strcpy(bar(image)->name, foo(image)->name);
  memblock_write(image);
}

static struct kho_kexec_metadata* metadata(struct image* image) {
  return AT(struct kho_kexec_metadata, image->metadata);
}
static void metadata_size(struct image* image) {
  kho_child(image, METADATA_NAME)->size = sizeof(struct kho_kexec_metadata) - 1;
  kho_write_root(image);
}
static void metadata_version_zero(struct image* image) { metadata(image)->version = 0; }
static void metadata_version_two(struct image* image) { metadata(image)->version = 2; }
static void release_empty(struct image* image) {
  memset(metadata(image)->previous_release, 0, RELEASE_LENGTH);
}
static void release_unterminated(struct image* image) {
  memset(metadata(image)->previous_release, '7', RELEASE_LENGTH);
}
static void kexec_count(struct image* image) { metadata(image)->kexec_count = 0; }

static void region_empty(struct image* image) {
  map_del_pages(&image->map, bar(image)->start, bar(image)->size >> image->arena.page_shift);
  bar(image)->size = 0;
  memblock_write(image);
}
static void metadata_tail(struct image* image) {
  *AT(uint8_t, image->metadata + page_size(&image->arena) - 1) = 0x5a;
}

const struct break_rule memblock_breaks[] = {
    {"memblock-fdt", "", "The magic number of the memblock FDT is wrong.", NULL, bad_fdt, false},
    {"memblock-compatible", "", "memblock is compatible with \"memblock-v0\".", NULL, compatible, false},
    {"memblock-blob-size", "", "blob-size of memblock is 8 larger than its FDT.", NULL, blob_size, false},
    {"memblock-region-compatible", "", "A region is compatible with \"reserve-mem-v0\".", NULL,
     region_compatible, false},
    {"memblock-region-properties", "", "`start` of a region has length 4.", NULL, start_short, false},
    {"memblock-region-properties", "", "A region has no `size`.", NULL, size_missing, false},
    {"memblock-region-preserved", "", "The last page of a region has no key.", NULL, page_without_key, false},
    {"memblock-region-preserved", "kho-keys-referenced",
     "Two pages of a region have keys of order 0 instead of one of order 1.", NULL, keys_split, false},
    {"memblock-region-preserved", "", "A region crosses a page boundary, and only its first page has a key.",
     NULL, size_cut, false},
    {"memblock-region-in-ram", "kho-key-in-ram", "A region, with its keys, is beyond RAM.", without_numa,
     region_beyond_ram, false},
    {"memblock-region-aligned", "", "A region begins 8 bytes after the start of its page.", NULL,
     start_unaligned, false},
    {"memblock-region-empty", "", "A region has the size 0.", NULL, region_empty, false},
    {"memblock-region-name-unique", "", "Two regions have the same name.", NULL, name_twice, false},
    {"kexec-metadata-size", "", "blob-size of kexec-metadata is 72.", NULL, metadata_size, false},
    {"kexec-metadata-version", "", "The version of kexec-metadata is 0.", NULL, metadata_version_zero, false},
    {"kexec-metadata-version", "", "The version of kexec-metadata is 2.", NULL, metadata_version_two, true},
    {"kexec-metadata-release", "", "previous_release is empty.", NULL, release_empty, false},
    {"kexec-metadata-release", "", "previous_release has no NUL.", NULL, release_unterminated, false},
    {"kexec-metadata-tail-zero", "", "The last byte of the page of kexec-metadata is not zero.", NULL,
     metadata_tail, false},
    {"kexec-metadata-count", "", "kexec_count is 0.", NULL, kexec_count, false},
    {0},
};
