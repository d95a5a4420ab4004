#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void parcel_unpreserve_hw(struct parcel_hw_ser* record) {
  if (WARN_ON(!record->obj.ref_count)) return;
  record->obj.ref_count--;
  if (record->obj.ref_count) return;
  record->obj.deleted = 1;
}

int parcel_preserve_hw(struct parcel_hw_ser* record, int (*attach)(void)) {
  int ret;

  record->obj.ref_count++;
  ret = attach();
  if (ret) record->obj.ref_count--;
  return ret;
}
