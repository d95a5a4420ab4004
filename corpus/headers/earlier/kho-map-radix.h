/* The preserved memory map as a radix tree: kho-v2 to kho-v4. Its pages are as large as those of the kernel.
 */
#pragma once
#include "../types.h"

#define KHO_FDT_MEMORY_MAP_PROP_NAME "preserved-memory-map"

enum kho_radix_consts {
  KHO_RADIX_KEY_WIDTH = 64 - PAGE_SHIFT + 1, /* a page frame number, and one bit more for the order */
  KHO_TABLE_SIZE_LOG2 = PAGE_SHIFT - 3,
  KHO_BITMAP_SIZE_LOG2 = PAGE_SHIFT + 3,
/* Until commit d64b0372760e the bit for the order was not counted: with pages of 16K the tree is one level
 * too low. */
#ifdef KHO_TREE_WITHOUT_ORDER_BIT
#define KHO_TREE_TOO_LOW 1
  KHO_TREE_KEY_BITS = KHO_RADIX_KEY_WIDTH - 1,
#else
  KHO_TREE_KEY_BITS = KHO_RADIX_KEY_WIDTH,
#endif
  KHO_TREE_MAX_DEPTH =
      (KHO_TREE_KEY_BITS - KHO_BITMAP_SIZE_LOG2 + KHO_TABLE_SIZE_LOG2 - 1) / KHO_TABLE_SIZE_LOG2 + 1,
};

struct kho_radix_node {
  u64 table[PAGE_SIZE / 8];
};

struct kho_radix_leaf {
  u64 bitmap[PAGE_SIZE / 8];
};
