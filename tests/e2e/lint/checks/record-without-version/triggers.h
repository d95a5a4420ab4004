#include "../types.h"

struct crate_ser { /* EXPECT: record-without-version */
  u64 base;
};
