#include "../types.h"

struct parcel_ser {
  phys_addr_t base;    /* EXPECT: kernel-type-member */
  phys_addr_t more[2]; /* EXPECT: kernel-type-member */
};
