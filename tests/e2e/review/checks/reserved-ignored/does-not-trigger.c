#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct parcel {
  u64 size, count;
  u32 devices;
  u16 items, order;
  u32 version;
};

int parcel_retrieve(struct parcel* parcel, const struct parcel_ser* ser) {
  if (ser->version != 1 || ser->flags & ~PARCEL_SEALED) return -EINVAL;
  parcel->size = ser->size;
  parcel->count = ser->count;
  parcel->devices = ser->nr_devices;
  parcel->items = ser->nr_items;
  parcel->order = ser->order;
  return 0;
}
