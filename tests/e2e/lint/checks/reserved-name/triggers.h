#include "../types.h"

/**
 * struct parcel_ser - A parcel.
 * @base: Where it is.
 * @extra: Reserved, must be zero.
 * @more: unused
 */
struct parcel_ser {
  u64 base;
  u32 extra; /* EXPECT: reserved-name */
  u32 more;  /* EXPECT: reserved-name */
};
