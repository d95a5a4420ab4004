#include "../types.h"

struct parcel_ser {
  u64 pfn : 40;  /* khover: allow(bit-field): EXPECTED, so this one is fine */
  u64 kind : 24; /* khover: allow(bit-field) EXPECT: suppression */
  u64 base;      /* khover: allow(no-such-check): a typing error. EXPECT: suppression */
  u64 more;      /* khover: allow(bit-field): there is none here. EXPECT: suppression */
} __packed;
