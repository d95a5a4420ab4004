const char* version = PARCEL_COMPATIBLE;
const char* longer = CRATE_COMPATIBLE_LATER;  // another word
