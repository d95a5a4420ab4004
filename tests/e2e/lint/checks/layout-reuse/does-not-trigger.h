#include "../types.h"

#define LUO_ABI_COMPATIBLE "luo-v5"
struct luo_flb_header_ser {
  u64 pages; /* another name for the same bytes */
  u64 count;
} __packed;
struct luo_something_ser {
  u32 nobody_knows_it;
};
