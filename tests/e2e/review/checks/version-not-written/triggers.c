#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like device_ser.type of "iommu: Implement IOMMU core liveupdate skeleton": declared, and never set.
u64 parcel_preserve_device(u32 id) {
  // DEFECT: iommu-type-never-set
  struct parcel_dev_ser* record = kho_alloc_preserve(sizeof(*record));  // EXPECT: version-not-written

  if (IS_ERR(record)) return 0;
  record->id = id;
  record->obj.ref_count = 1;
  return virt_to_phys(record);
}
