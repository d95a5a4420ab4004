#include "../types.h"

struct parcel_ser {
  u8 kind;
  /* DEFECT: pci-entries-unaligned */
  u64 base; /* EXPECT: unaligned-member */
} __packed;
struct crate_ser { /* EXPECT: unaligned-member */
  u64 base;
  u32 tag;
} __packed;
struct inner_ser {
  u64 a;
};
struct outer_ser {
  u32 tag;
  struct inner_ser inner; /* EXPECT: unaligned-member */
  u32 more;
} __packed;
