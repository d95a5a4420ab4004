#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object {
  int users;
  void* data;
};

void parcel_retrieve_object(struct object* object, void* data, const struct parcel_ser* ser) {
  object->data = data;
  object->users = ser->nr_items;
}

// Called for every file, whether anybody retrieved the object or not.
void parcel_finish_file(struct object* object) {
  if (--object->users == 0) kfree(object->data);
}
