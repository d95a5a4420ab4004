#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object {
  struct parcel_hw_ser* state;
};
int parcel_enable(struct object* object);

// Like iommu_preserve_locked() of "iommu: Implement IOMMU core liveupdate skeleton" (02/14).
int parcel_preserve_hw(struct object* object, struct parcel_hw_ser* record) {
  int ret = parcel_enable(object);

  if (ret) record->obj.deleted = 1;
  // DEFECT: iommu-deleted-record-kept
  object->state = record;  // EXPECT: deleted-record-kept
  return ret;
}
