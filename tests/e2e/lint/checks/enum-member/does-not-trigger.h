#include "../types.h"

enum colour { RED, GREEN };
struct parcel_ser {
  u32 colour; /* enum colour */
};
