#include "../types.h"

struct parcel_ser {
  u64 owner;
  u64 next; /* physical address of a struct parcel_ser */
};
/* runtime-record is about this one */
struct parcel {
  struct list_head list;
  void* owner;
};
