#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct parcel_dev_ser* parcel_reserve(void);
bool is_alone(void* device);

int parcel_preserve_device(void* device) {
  struct parcel_dev_ser* record = parcel_reserve();

  record->type = 1;
  record->obj.deleted = 0;
  // DEFECT: iommu-check-behind-setup
  if (!is_alone(device)) return -EINVAL;  // EXPECT: checked-late
  return 0;
}
