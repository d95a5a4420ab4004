#include "../types.h"

struct parcel_ser {
  /* DEFECT: iommu-pointer-in-record */
  void* owner; /* EXPECT: pointer-member */
  union {
    u64 phys;
    struct parcel_ser* next; /* EXPECT: pointer-member */
  };
  void (*release)(void); /* EXPECT: pointer-member */
};
