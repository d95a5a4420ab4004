#include "../types.h"

/**
 * DOC: parcels
 * The root says "parcel-v2", its lids say lid-v1. Other things: bag-v9, parcel-vest, parcels-v1.
 */
#define PARCEL_COMPATIBLE "parcel-v2"
#define CRATE_COMPATIBLE "crate-v3;lid-v1"
