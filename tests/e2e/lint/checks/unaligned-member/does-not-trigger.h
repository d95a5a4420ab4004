#include "../types.h"

struct parcel_ser {
  u8 kind, reserved[7];
  u64 base;
} __packed;
struct bytes_ser {
  u8 length;
  char text[6];
} __packed;
