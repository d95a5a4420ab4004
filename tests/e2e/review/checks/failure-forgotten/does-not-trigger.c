#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object_ops {
  int (*retrieve)(u64 data, void** object);
  int (*look)(u64 data);
};
struct object {
  const struct object_ops* ops;
  void* got;
  u64 data;
  int status;
};

int parcel_retrieve_object(struct object* object) {
  void* got;
  int err;

  if (object->status) return object->status;
  err = object->ops->look(object->data);
  if (err) return err;
  err = object->ops->retrieve(object->data, &got);
  if (err) {
    object->status = err;
    return err;
  }
  object->got = got;
  return 0;
}

int parcel_retrieve_noted(struct object* object, void** out) {
  void* got;
  int err = object->ops->retrieve(object->data, &got);

  if (!err) {
    object->got = got;
    *out = got;
  } else {
    object->status = err;
  }
  return err;
}

int parcel_retrieve_noted_after(struct object* object, void** out) {
  void* got;
  int err = object->ops->retrieve(object->data, &got);

  if (!err) *out = got;
  object->status = err ? err : 1;
  return err;
}
