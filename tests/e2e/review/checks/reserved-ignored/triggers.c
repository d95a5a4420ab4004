#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct parcel {
  u64 size, count;
  u32 devices;
  u16 items, order;
  u32 version;
};

// As memfd_luo_retrieve() of 7.3.4 leaves out the flags of its record.
int parcel_retrieve(struct parcel* parcel, const struct parcel_ser* ser) {
  // DEFECT: memfd-flags-unread
  if (ser->version != 1)  // EXPECT: reserved-ignored
    return -EINVAL;
  parcel->size = ser->size;
  parcel->count = ser->count;
  parcel->devices = ser->nr_devices;
  parcel->items = ser->nr_items;
  parcel->order = ser->order;
  return 0;
}
