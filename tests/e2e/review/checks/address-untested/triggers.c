#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int take(struct parcel_dev_ser* device);

// Like "iommu: Implement IOMMU core liveupdate skeleton" (02/14): the next page is taken for granted.
int parcel_retrieve_devices(struct parcel_ser* ser) {
  struct parcel_devs_ser* page;
  u32 i, slot;

  if (!ser->head_phys) return 0;
  page = __va(ser->head_phys);
  for (i = 0, slot = 0; i < ser->nr_devices; i++, slot++) {
    if (slot >= PARCEL_DEVS) {
      // DEFECT: iommu-next-page-untested
      page = __va(page->block.next);  // EXPECT: address-untested
      slot = 0;
    }
    if (take(&page->devices[slot])) return -EIO;
  }
  return 0;
}

struct parcel_devs_ser* parcel_restore_head(struct parcel_ser* ser) {
  return phys_to_virt(ser->head_phys);  // EXPECT: address-untested
}
