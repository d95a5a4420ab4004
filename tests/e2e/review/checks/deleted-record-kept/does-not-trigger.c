#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object {
  struct parcel_hw_ser* state;
};
int parcel_enable(struct object* object);

int parcel_preserve_hw(struct object* object, struct parcel_hw_ser* record) {
  int ret = parcel_enable(object);

  if (ret) {
    record->obj.deleted = 1;
    return ret;
  }
  record->obj.deleted = 0;
  object->state = record;
  return 0;
}
