#include "../types.h"

/* DEFECT: iommu-mutex-in-header */
struct parcel_state { /* EXPECT: runtime-record */
  struct mutex lock;
  u64 base;
};
