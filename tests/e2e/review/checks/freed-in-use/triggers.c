#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct user {
  void* object;
};
static void* parcel_object;

void parcel_get(struct user* user) { user->object = parcel_object; }

void parcel_put_last(void) {
  // DEFECT: flb-freed-in-use
  kfree(parcel_object);  // EXPECT: freed-in-use
  parcel_object = 0;
}
