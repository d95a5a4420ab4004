#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct holder {
  struct parcel_dev_ser* preserved;
};
int attach(void* device);

int parcel_preserve_device(struct holder* device, struct parcel_dev_ser* record) {
  int ret = attach(device);

  if (ret) {
    record->obj.deleted = 1;
    return ret;
  }
  device->preserved = record;
  return 0;
}

// Like iommu_unpreserve_device() of "iommu: Implement IOMMU core liveupdate skeleton" (02/14).
void parcel_unpreserve_device(struct holder* device) {
  struct parcel_dev_ser* record = device->preserved;

  // DEFECT: iommu-unpreserve-not-marked
  if (!record)  // EXPECT: record-not-deleted
    return;
  device->preserved = NULL;
}
