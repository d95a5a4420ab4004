#include "../types.h"

struct parcel_ser {
  u64 base;
#ifdef CONFIG_PARCEL_NUMA /* EXPECT: config-member */
  u32 node;
#endif
#define IS_ENABLED(x) 0
#if defined(OTHER) || IS_ENABLED(CONFIG_PARCEL_TAG) /* EXPECT: config-member */
  u32 tag;
#endif
};
