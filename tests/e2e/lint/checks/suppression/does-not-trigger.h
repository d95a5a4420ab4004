#include "../types.h"

/* khover: allow(bit-field): the whole record, its layout is measured */
struct parcel_ser {
  u64 pfn : 40;
  u64 kind : 24;
} __packed;
struct crate_ser {
  /* khover: allow(bit-field,long-member): both on the next line */
  unsigned long pfn : 40;
} __packed;
