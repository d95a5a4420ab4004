#include "../types.h"

struct parcel_state { /* EXPECT: runtime-record */
  struct mutex lock;
  u64 base;
};
