#include "../types.h"

#define PARCEL_COMPATIBLE "parcel-v1"
#define CRATE_VERSION 3
struct parcel_ser {
  u64 base;
};
struct crate_ser {
  u64 base;
};
/**
 * struct bag_ser - A bag.
 * @base: If this changes, PARCEL_COMPATIBLE must change, too.
 */
struct bag_ser {
  u64 base;
};
