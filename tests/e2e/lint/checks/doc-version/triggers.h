#include "../types.h"

/**
 * DOC: parcels
 * DEFECT: kho-documentation-of-version
 * The root says "parcel-v1". EXPECT: doc-version
 */
#define PARCEL_COMPATIBLE "parcel-v2"
/* A crate is crate-v7 or crate-v3. EXPECT: doc-version */
#define CRATE_COMPATIBLE "crate-v3;lid-v1"
