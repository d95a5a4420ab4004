#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_restore(const struct parcel_ser* ser) {
  if (ser->nr_items > PARCEL_SLOTS) return -EINVAL;
  return 0;
}

void parcel_preserve(const struct parcel_ser* ser) { BUG_ON(ser->nr_items > PARCEL_SLOTS); }
