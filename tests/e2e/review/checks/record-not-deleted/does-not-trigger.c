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

static void let_go(struct parcel_dev_ser* record) { record->obj.deleted = 1; }

void parcel_unpreserve_device(struct holder* device) {
  struct parcel_dev_ser* record = device->preserved;

  if (!record) return;
  record->obj.deleted = 1;
  device->preserved = NULL;
}

void parcel_unpreserve_by_helper(struct holder* device) {
  struct parcel_dev_ser* record = device->preserved;

  if (record) let_go(record);
  device->preserved = NULL;
}
