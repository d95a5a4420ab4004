#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int take(u64 phys);
int take_device(struct parcel_dev_ser* device);

// Like "kho: fix out-of-bounds access of vmalloc chunk": only the 0 behind the last one ends it.
int parcel_restore_slots(const struct parcel_ser* ser) {
  int i;

  // DEFECT: kho-vmalloc-chunk-overrun
  for (i = 0; ser->slots[i]; i++) {  // EXPECT: index-unbounded
    if (take(ser->slots[i]))         // EXPECT: index-unbounded
      return -EIO;
  }
  return 0;
}

// Like one version of drivers/iommu/liveupdate.c: devices, limited by how many IOMMUs fit.
int parcel_restore_devices(struct parcel_devs_ser* page, u32 count) {
  u32 i, slot = 0;

  for (i = 0; i < count; i++, slot++) {
    if (slot >= PARCEL_HWS)  // EXPECT: index-unbounded
      return 0;
    if (take_device(&page->devices[slot])) return -EIO;
  }
  return 0;
}
