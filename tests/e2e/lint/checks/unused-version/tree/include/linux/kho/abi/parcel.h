#define PARCEL_COMPATIBLE "parcel-v2"
#define CRATE_COMPATIBLE "crate-v1" /* EXPECT: unused-version */
#define PARCEL_PAGES 4
#define LID_COMPATIBLE "lid-v1"
