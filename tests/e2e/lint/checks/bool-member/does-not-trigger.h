#include "../types.h"

struct parcel_ser {
  u8 sealed;
};
