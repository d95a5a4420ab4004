#include "../types.h"

struct parcel_ser {
  unsigned long bitmap[4]; /* EXPECT: long-member */
  size_t length;           /* EXPECT: long-member */
  pgoff_t index;           /* EXPECT: long-member */
  long offset;             /* EXPECT: long-member */
};
