// What objects of several kinds are made of.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

// Linked blocks, in their order.
struct chain {
  uint64_t* blocks;
  size_t nr_blocks;
};

// A kho_vmalloc: the pages of an array, and the chunks that list them.
struct vmalloc {
  uint64_t descriptor;
  enum reach reach;
  uint64_t* pages;
  size_t nr_pages;
  uint64_t* chunks;
  size_t nr_chunks;
};
