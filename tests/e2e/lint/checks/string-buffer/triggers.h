#include "../types.h"

#define PARCEL_COMPATIBLE "parcel-v10"
#define CRATE_FH_COMPATIBLE "a-crate-of-parcels-v1"
struct parcel_ser {
  char compatible[10]; /* EXPECT: string-buffer */
};
struct some_file_ser {
  char compatible[16]; /* EXPECT: string-buffer */
};
