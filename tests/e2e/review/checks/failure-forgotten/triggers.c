#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object_ops {
  int (*retrieve)(u64 data, void** object);
};
struct object {
  const struct object_ops* ops;
  void* got;
  u64 data;
};

// Like luo_retrieve_file() before "liveupdate: remember retrieve status".
int parcel_retrieve_object(struct object* object) {
  void* got;
  int err;

  if (object->got) return -EEXIST;
  err = object->ops->retrieve(object->data, &got);
  // DEFECT: luo-retrieve-again, flb-retrieve-again
  if (err) return err;  // EXPECT: failure-forgotten
  object->got = got;
  return 0;
}
