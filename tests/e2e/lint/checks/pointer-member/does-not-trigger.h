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
/* The pointer is there for its type: what is stored is the integer. */
#define DECLARE_STORED_PTR(name, type) \
  union {                              \
    u64 phys;                          \
    type ptr;                          \
  } name
struct linked_ser {
  DECLARE_STORED_PTR(next, struct linked_ser*);
};
