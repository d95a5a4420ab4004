#include "../types.h"

struct parcel_ser { /* EXPECT: layout-not-pinned */
  u64 base;
};
