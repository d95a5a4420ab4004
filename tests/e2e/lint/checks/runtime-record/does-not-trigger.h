#include "../types.h"

struct parcel_ser {
  u64 base;
  struct {
    u64 start, length;
  } range;
};
