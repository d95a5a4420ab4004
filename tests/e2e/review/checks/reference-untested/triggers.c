#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct hw {
  struct parcel_hw_ser* preserved;
};

// Like iommu_unpreserve_locked() of "iommu: Implement IOMMU core liveupdate skeleton" (02/14).
void parcel_unpreserve_hw(struct parcel_hw_ser* record) {
  // DEFECT: iommu-count-below-zero
  record->obj.ref_count--;  // EXPECT: reference-untested
  if (record->obj.ref_count) return;
  record->obj.deleted = 1;
}
