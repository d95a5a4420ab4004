// Writes the simulated memory as an ELF64 core, one PT_LOAD per run of pages, and
// the facts that no page holds as the note "KHOVER".
#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

struct segment {
  struct range range;
  size_t first;  // position in the list of pages; SIZE_MAX for data
};

struct text {
  char* bytes;
  size_t length;
};

static void append(struct text* text, const char* format, ...) {
  char piece[256];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(piece, sizeof(piece), format, arguments);
  va_end(arguments);
  text->bytes = xrealloc(text->bytes, text->length + (size_t)length + 1);
  memcpy(text->bytes + text->length, piece, (size_t)length + 1);
  text->length += (size_t)length;
}

static bool wants(const struct image* image, enum note_member member, struct text* text) {
  if (image->scenario.omit & 1U << member) return false;
  append(text, "%s\"%s\":", text->length > 1 ? "," : "", note_names[member]);
  return true;
}

static void append_address(struct text* text, uint32_t domain, uint16_t bdf) {
  append(text, "\"%04" PRIx32 ":%02x:%02x.%x\"", domain, bdf >> 8, bdf >> 3 & 31, bdf & 7);
}

// The host's functions: those that are preserved, and one that is not.
static void append_topology(const struct image* image, struct text* text) {
  const struct devices* devices = &image->devices;
  append(text, "[[\"0000:00:1f.7\",\"endpoint\",null,null]");
  for (size_t i = 0; i < devices->nr_bridges; i++) {
    append(text, ",[");
    append_address(text, 0, devices->bridges[i].bdf);
    append(text, ",\"bridge\",null,%zu]", 100000 + i);
  }
  for (size_t i = devices->hidden_functions; i < devices->nr_devices; i++) {
    const struct device* device = &devices->devices[i];
    append(text, ",[");
    append_address(text, device->domain, device->bdf);
    append(text, ",\"endpoint\",");
    if (device->bridge)
      append_address(text, 0, device->bridge->bdf);
    else
      append(text, "null");
    append(text, ",%zu]", devices->one_group ? 0 : i);
  }
  append(text, "]");
}

static struct text note_of(const struct image* image) {
  const struct arena* arena = &image->arena;
  struct text text = {0};
  if (image->note_text) {
    append(&text, "%s", image->note_text);
    return text;
  }
  append(&text, "{");
  if (wants(image, NOTE_RAM, &text)) {
    for (size_t i = 0; i < arena->nr_ram; i++)
      append(&text, "%s[\"0x%" PRIx64 "\",\"0x%" PRIx64 "\"]", i ? "," : "[", arena->ram[i].start,
             arena->ram[i].length);
    append(&text, "]");
  }
  if (wants(image, NOTE_NUMA, &text)) {
    for (size_t i = 0; i < arena->nr_numa; i++)
      append(&text, "%s[\"0x%" PRIx64 "\",\"0x%" PRIx64 "\",%u]", i ? "," : "[", arena->numa[i].range.start,
             arena->numa[i].range.length, arena->numa[i].node);
    append(&text, "]");
  }
  if (wants(image, NOTE_SCRATCH, &text))
    append(&text, "[\"0x%" PRIx64 "\",%" PRIu64 "]", image->scratch, image->scratch_size);
  if (wants(image, NOTE_ROOT, &text)) append(&text, "\"0x%" PRIx64 "\"", image->note_root);
  if (wants(image, NOTE_PHASE, &text)) append(&text, "\"%s\"", phase_names[image->scenario.phase]);
  if (wants(image, NOTE_PAGE_SIZE, &text)) append(&text, "%" PRIu64, image->note_page_size);
  if (image->scenario.topology && wants(image, NOTE_PCI, &text)) append_topology(image, &text);
  append(&text, "}");
  return text;
}

static int by_address(const void* left, const void* right) {
  const struct page* a = left;
  const struct page* b = right;
  return a->pa < b->pa ? -1 : a->pa > b->pa;
}

static int by_start(const void* left, const void* right) {
  const struct segment* a = left;
  const struct segment* b = right;
  return a->range.start < b->range.start ? -1 : a->range.start > b->range.start;
}

static size_t captured(const struct image* image, struct page* out) {
  const struct arena* arena = &image->arena;
  const bool slim = image->scenario.phase == PHASE_OUTGOING && !image->scenario.full && !image->orphan_pages;
  size_t count = 0;
  for (size_t i = 0; i < arena->nr_pages; i++) {
    const struct page* page = &arena->pages[i];
    if (page->bytes && !(slim && page->reach == REACH_SESSIONS)) out[count++] = *page;
  }
  qsort(out, count, sizeof(*out), by_address);
  return count;
}

// Data ranges may cover structure pages (a break can make them): the structure's bytes win.
static size_t data_segments(const struct image* image, struct segment* out) {
  const struct arena* arena = &image->arena;
  size_t count = 0;
  for (size_t i = 0; i < arena->nr_data; i++) {
    bool clean = true;
    for (uint64_t at = 0; at < arena->data[i].length; at += page_size(arena))
      clean = clean && !arena_has(arena, arena->data[i].start + at);
    if (clean) out[count++] = (struct segment){arena->data[i], SIZE_MAX};
  }
  return count;
}

static size_t segments_of(const struct image* image, const struct page* pages, size_t nr_pages,
                          struct segment* out) {
  const uint64_t size = page_size(&image->arena);
  size_t count = 0;
  for (size_t i = 0; i < nr_pages; i++) {
    if (count && out[count - 1].range.start + out[count - 1].range.length == pages[i].pa)
      out[count - 1].range.length += size;
    else
      out[count++] = (struct segment){{pages[i].pa, size}, i};
  }
  if (image->scenario.full) count += data_segments(image, out + count);
  qsort(out, count, sizeof(*out), by_start);
  return count;
}

static void write_all(FILE* file, const void* bytes, size_t length, const char* path) {
  if (length && fwrite(bytes, length, 1, file) != 1) die("cannot write %s", path);
}

static void write_padding(FILE* file, uint64_t to, const char* path) {
  static const char zeros[1 << 16];
  const long at = ftell(file);
  if (at < 0) die("cannot write %s", path);
  for (uint64_t left = to - (uint64_t)at; left;) {
    const size_t piece = left < sizeof(zeros) ? left : sizeof(zeros);
    write_all(file, zeros, piece, path);
    left -= piece;
  }
}

// What the file's owner wrote: any pattern will do, if it differs from page to page.
static void write_data(FILE* file, const struct range* range, const char* path) {
  for (uint64_t at = 0; at < range->length; at += 8) {
    const uint64_t word = (range->start + at) * UINT64_C(0x9e3779b97f4a7c15);
    write_all(file, &word, sizeof(word), path);
  }
}

// SMMUv3 is Arm's, and so are pages of 16K and 64K.
static bool is_arm(const struct image* image) {
  return image->arena.page_shift != 12 || has_smmuv3(image->scenario.iommu);
}

void core_write(const struct image* image, const char* path) {
  const struct arena* arena = &image->arena;
  const uint64_t size = page_size(arena);
  struct page* pages = xrealloc(NULL, arena->nr_pages * sizeof(*pages));
  const size_t nr_pages = captured(image, pages);
  struct segment* segments = xrealloc(NULL, (nr_pages + arena->nr_data) * sizeof(*segments));
  const size_t nr_segments = segments_of(image, pages, nr_pages, segments);
  if (nr_segments >= PN_XNUM - 1) die("too many segments for an ELF core: use fewer files");

  FILE* file = fopen(path, "wb");
  if (!file) die("cannot create %s", path);
  struct text note = note_of(image);
  const Elf64_Nhdr note_header = {7, (Elf64_Word)note.length, 1};
  const size_t note_size = sizeof(note_header) + 8 + ((note.length + 3) & ~(size_t)3);

  Elf64_Ehdr header = {.e_type = ET_CORE,
                       .e_machine = is_arm(image) ? EM_AARCH64 : EM_X86_64,
                       .e_version = EV_CURRENT,
                       .e_phoff = sizeof(Elf64_Ehdr),
                       .e_ehsize = sizeof(Elf64_Ehdr),
                       .e_phentsize = sizeof(Elf64_Phdr),
                       .e_phnum = (Elf64_Half)(nr_segments + 1)};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  write_all(file, &header, sizeof(header), path);

  uint64_t offset = sizeof(header) + (nr_segments + 1) * sizeof(Elf64_Phdr);
  const Elf64_Phdr note_segment = {
      .p_type = PT_NOTE, .p_offset = offset, .p_filesz = note_size, .p_memsz = 0, .p_align = 4};
  write_all(file, &note_segment, sizeof(note_segment), path);
  offset = (offset + note_size + size - 1) & ~(size - 1);
  for (size_t i = 0; i < nr_segments; i++) {
    const struct range* range = &segments[i].range;
    const Elf64_Phdr load = {.p_type = PT_LOAD,
                             .p_flags = PF_R,
                             .p_offset = offset,
                             .p_paddr = range->start,
                             .p_filesz = range->length,
                             .p_memsz = range->length,
                             .p_align = size};
    write_all(file, &load, sizeof(load), path);
    offset += range->length;
  }
  write_all(file, &note_header, sizeof(note_header), path);
  write_all(file, "KHOVER\0", 8, path);
  write_all(file, note.bytes, note.length, path);
  for (size_t i = 0; i < nr_segments; i++) {
    if (!i) write_padding(file, ((uint64_t)ftell(file) + size - 1) & ~(size - 1), path);
    if (segments[i].first == SIZE_MAX) {
      write_data(file, &segments[i].range, path);
      continue;
    }
    const size_t count = segments[i].range.length / size;
    for (size_t j = 0; j < count; j++) write_all(file, pages[segments[i].first + j].bytes, size, path);
  }
  if (fclose(file)) die("cannot write %s", path);
  free(note.bytes);
  free(segments);
  free(pages);
}
