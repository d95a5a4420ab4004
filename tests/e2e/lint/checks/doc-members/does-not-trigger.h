#include "../types.h"

/**
 * struct parcel_ser - A parcel.
 * @weight: What it weighs,
 *          wrapped. @weight again.
 * @place.row: Where it is.
 * @price: What it costs, a member of a nameless member.
 */
struct parcel_ser {
  u64 weight;
  struct {
    u32 row, column;
  } place;
  union {
    u64 price;
    u64 deposit;
  };
};

/**
 * struct crate_ser - Nothing is said of its members.
 */
struct crate_ser {
  u64 weight;
};
