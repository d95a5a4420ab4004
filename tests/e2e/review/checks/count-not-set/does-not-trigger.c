#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object {
  int users;
  bool retrieved;
  void* data;
};

void parcel_retrieve_object(struct object* object, void* data, const struct parcel_ser* ser) {
  object->data = data;
  object->users = ser->nr_items;
  object->retrieved = true;
}

void parcel_finish_file(struct object* object) {
  if (!object->retrieved) return;
  if (--object->users == 0) kfree(object->data);
}

// Its own count, which everybody starts with.
struct own {
  int refs;
};
void parcel_restore_own(struct own* own, const struct parcel_ser* ser) { own->refs = ser->nr_items; }
void parcel_begin(struct own* own) { own->refs = 1; }
void parcel_end(struct own* own) { own->refs--; }
