#include <stdbool.h>

#include "../types.h"
struct parcel_ser {
  bool sealed;   /* EXPECT: bool-member */
  _Bool many[3]; /* EXPECT: bool-member */
};
