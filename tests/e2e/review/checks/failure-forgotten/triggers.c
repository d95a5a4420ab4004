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

// As the kernel had it: what succeeds is kept, and the failure falls through.
int parcel_retrieve_kept(struct object* object, void** out) {
  void* got;
  int err;

  if (object->got) {
    *out = object->got;
    return 0;
  }
  err = object->ops->retrieve(object->data, &got);
  if (!err) {
    object->got = got;
    *out = got;
  }
  // SHAPE: luo-retrieve-again
  return err;  // EXPECT: failure-forgotten
}
