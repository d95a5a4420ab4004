#include "../types.h"

struct parcel_ser {
  u64 owner;
  u64 pages[]; /* EXPECT: flexible-array-count */
};
