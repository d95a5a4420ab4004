#include "../types.h"

struct parcel_ser {
  u32 tag;
  u64 base; /* EXPECT: implicit-padding */
};
struct crate_ser { /* EXPECT: implicit-padding */
  u64 base;
  u8 kind;
};
