#include "../types.h"

struct parcel_ser {
  /* DEFECT: iommu-packed-bit-fields */
  u64 pfn : 40;   /* EXPECT: bit-field */
  u64 flags : 23; /* EXPECT: bit-field */
} __packed;
