#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void mark(void* area);
int copy_tables(void* area, struct parcel_ser* ser);

// Between the two calls the area may be unmapped and mapped again.
void parcel_preserve_area(void* area) { mark(area); }
int parcel_freeze_area(void* area, struct parcel_ser* ser) { return copy_tables(area, ser); }
