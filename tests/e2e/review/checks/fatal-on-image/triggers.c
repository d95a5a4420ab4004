#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like the restore of the VT-d series, which had BUG_ON() on what the other kernel wrote.
void parcel_restore(const struct parcel_ser* ser) {
  // DEFECT: vtd-stops-the-machine
  BUG_ON(ser->nr_items > PARCEL_SLOTS);  // EXPECT: fatal-on-image
}
