// Writes flattened device trees, version 17, as the devicetree specification 0.4
// lays them out. Property values are copied raw: KHO stores native-endian words.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fdt {
  uint8_t structure[4096];
  size_t structure_size;
  char strings[512];
  size_t strings_size;
};

void fdt_init(struct fdt* fdt);
void fdt_begin_node(struct fdt* fdt, const char* name);
// Returns where in the tree the value will be.
size_t fdt_property(struct fdt* fdt, const char* name, const void* value, uint32_t length);
void fdt_end_node(struct fdt* fdt);
// Ends the tree and writes it to `out`; returns its totalsize.
uint32_t fdt_finish(struct fdt* fdt, uint8_t* out, size_t room);
