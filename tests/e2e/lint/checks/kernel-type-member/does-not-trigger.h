#include "../types.h"

struct parcel_ser {
  u64 base;
  unsigned int count;
  pgoff_t index; /* long-member is about this one */
};
