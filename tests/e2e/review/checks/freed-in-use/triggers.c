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

// As the kernel had it: a count decides when the object is released through a callback, and handing out does
// not raise it.
struct flb_ops {
  void (*unpreserve)(void* object);
};
struct flb {
  const struct flb_ops* ops;
  long count;
  void* object;
};

int parcel_get_outgoing(struct flb* flb, void** object) {
  // SHAPE: flb-freed-in-use
  *object = flb->object;  // EXPECT: freed-in-use
  return 0;
}

void parcel_unpreserve_one(struct flb* flb) {
  flb->count--;
  if (!flb->count) {
    flb->ops->unpreserve(flb->object);
    flb->object = NULL;
  }
}
