#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct parcel_dev_ser* parcel_reserve(void);
bool is_alone(void* device);
void give_back(struct parcel_dev_ser* record);

int parcel_preserve_device(void* device) {
  struct parcel_dev_ser* record;

  if (!is_alone(device)) return -EINVAL;
  record = parcel_reserve();
  record->type = 1;
  record->obj.deleted = 0;
  return 0;
}

int parcel_preserve_other(void* device) {
  struct parcel_dev_ser* record = parcel_reserve();

  record->type = 1;
  if (!is_alone(device)) {
    give_back(record);
    return -EINVAL;
  }
  return 0;
}
