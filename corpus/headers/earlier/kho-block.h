/* Records in a chain of pages, since kho-v4. */
#pragma once
#include "../types.h"

#define KHO_BLOCK_SIZE PAGE_SIZE

struct kho_block_header_ser {
  u64 next;
  u64 count;
} __packed;
