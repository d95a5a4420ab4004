#include "../types.h"

/* The real one has 16 bytes of count and pages: luo-v5 cannot mean both. */
#define LUO_ABI_COMPATIBLE "luo-v5"
struct luo_flb_header_ser { /* EXPECT: layout-reuse */
  u64 pgcnt;
  u32 count;
} __packed;
