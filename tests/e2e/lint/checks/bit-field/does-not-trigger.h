#include "../types.h"

struct parcel_ser {
  u64 pfn_and_flags;
  u32 : 32;
  u32 count;
};
