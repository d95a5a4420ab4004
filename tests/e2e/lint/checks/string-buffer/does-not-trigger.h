#include "../types.h"

#define PARCEL_COMPATIBLE "parcel-v10"
#define CRATE_FH_COMPATIBLE "a-crate-of-parcels-v1"
struct parcel_ser {
  char compatible[11];
  char name[4];
};
struct some_file_ser {
  char compatible[48];
};
struct some_flb_ser {
  char name[8];
};
