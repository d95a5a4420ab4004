#include "../types.h"

struct parcel_ser {
  u64 base;
};
static_assert(sizeof(struct parcel_ser) == 8, "8 bytes");
struct crate_ser {
  u64 base;
  struct {
    u32 inner;
  } nameless;
} __packed;
