#include "../types.h"

struct parcel_ser {
  u64 nr_pages;
  u64 pages[];
};
struct crate_ser {
  u64 next;
  u64 fixed[4];
};
