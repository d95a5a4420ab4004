#include "../types.h"

enum colour { RED, GREEN };
struct parcel_ser {
  enum colour colour;     /* EXPECT: enum-member */
  enum { UP, DOWN } side; /* EXPECT: enum-member */
};
