#include "../types.h"

#ifdef CONFIG_PARCEL_NUMA
#define PARCEL_NODES 8
#endif
struct parcel_ser {
  u64 base;
#ifdef PARCEL_DEBUG
  u32 node;
#endif
};
