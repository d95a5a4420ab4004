#include "../types.h"

typedef unsigned long uint64_t;
struct parcel_ser {
  u64 bitmap[4];
  uint64_t length;
  long long index;
};
