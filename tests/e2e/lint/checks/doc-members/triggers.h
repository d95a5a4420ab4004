#include "../types.h"

/**
 * struct parcel_ser - A parcel.
 * @weight: What it weighs.
 * @colour: What it looks like. EXPECT: doc-members
 */
struct parcel_ser {
  u64 weight;
  u64 price; /* EXPECT: doc-members */
};
