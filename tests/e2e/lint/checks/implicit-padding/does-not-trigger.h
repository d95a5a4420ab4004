#include "../types.h"

struct parcel_ser {
  u32 tag;
  u32 reserved;
  u64 base;
};
struct crate_ser {
  u64 base;
  u8 kind;
} __packed;
union either_ser {
  u8 small;
  u64 large;
};
