#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int take(u64 phys);
int take_device(struct parcel_dev_ser* device);

int parcel_restore_slots(const struct parcel_ser* ser) {
  int i;

  for (i = 0; i < ARRAY_SIZE(ser->slots) && ser->slots[i]; i++) {
    if (take(ser->slots[i])) return -EIO;
  }
  return 0;
}

int parcel_restore_devices(struct parcel_devs_ser* page, u32 count) {
  u32 i, slot = 0;

  for (i = 0; i < count; i++, slot++) {
    if (slot >= PARCEL_DEVS) return 0;
    if (take_device(&page->devices[slot])) return -EIO;
  }
  return 0;
}
