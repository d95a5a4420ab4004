const char* version = PARCEL_COMPATIBLE;
