#include "fdt.h"

#include <string.h>

#include "arena.h"

enum { FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_END = 9 };
enum { HEADER_SIZE = 40, RESERVATIONS_SIZE = 16 };

static void put32(uint8_t* out, uint32_t value) {
  out[0] = (uint8_t)(value >> 24);
  out[1] = (uint8_t)(value >> 16);
  out[2] = (uint8_t)(value >> 8);
  out[3] = (uint8_t)value;
}

static uint8_t* grow(struct fdt* fdt, size_t bytes) {
  const size_t padded = (bytes + 3) & ~(size_t)3;
  if (fdt->structure_size + padded > sizeof(fdt->structure)) die("internal error: device tree too large");
  uint8_t* place = fdt->structure + fdt->structure_size;
  memset(place, 0, padded);
  fdt->structure_size += padded;
  return place;
}

static void token(struct fdt* fdt, uint32_t value) { put32(grow(fdt, 4), value); }

static uint32_t string_offset(struct fdt* fdt, const char* name) {
  for (size_t at = 0; at < fdt->strings_size; at += strlen(fdt->strings + at) + 1)
    if (!strcmp(fdt->strings + at, name)) return (uint32_t)at;
  const size_t length = strlen(name) + 1;
  if (fdt->strings_size + length > sizeof(fdt->strings)) die("internal error: too many property names");
  memcpy(fdt->strings + fdt->strings_size, name, length);
  fdt->strings_size += length;
  return (uint32_t)(fdt->strings_size - length);
}

void fdt_init(struct fdt* fdt) { fdt->structure_size = fdt->strings_size = 0; }

void fdt_begin_node(struct fdt* fdt, const char* name) {
  token(fdt, FDT_BEGIN_NODE);
  memcpy(grow(fdt, strlen(name) + 1), name, strlen(name) + 1);
}

size_t fdt_property(struct fdt* fdt, const char* name, const void* value, uint32_t length) {
  token(fdt, FDT_PROP);
  token(fdt, length);
  token(fdt, string_offset(fdt, name));
  uint8_t* place = grow(fdt, length);
  memcpy(place, value, length);
  return HEADER_SIZE + RESERVATIONS_SIZE + (size_t)(place - fdt->structure);
}

void fdt_end_node(struct fdt* fdt) { token(fdt, FDT_END_NODE); }

uint32_t fdt_finish(struct fdt* fdt, uint8_t* out, size_t room) {
  token(fdt, FDT_END);
  const size_t structure = HEADER_SIZE + RESERVATIONS_SIZE;
  const size_t strings = structure + fdt->structure_size;
  const size_t total = strings + fdt->strings_size;
  if (total > room) die("internal error: device tree does not fit its page");
  const uint32_t header[10] = {0xd00dfeed,
                               (uint32_t)total,
                               (uint32_t)structure,
                               (uint32_t)strings,
                               HEADER_SIZE,
                               17,
                               16,
                               0,
                               (uint32_t)fdt->strings_size,
                               (uint32_t)fdt->structure_size};
  for (size_t i = 0; i < 10; i++) put32(out + 4 * i, header[i]);
  memset(out + HEADER_SIZE, 0, RESERVATIONS_SIZE);
  memcpy(out + structure, fdt->structure, fdt->structure_size);
  memcpy(out + strings, fdt->strings, fdt->strings_size);
  return (uint32_t)total;
}
