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
  // DEFECT: flb-put-before-retrieve
  if (--object->users == 0) kfree(object->data);  // EXPECT: count-not-set
}

struct shared {
  struct {
    int count;
    bool retrieved;
  } incoming;
};

void parcel_retrieve_shared(struct shared* shared, const struct parcel_ser* ser) {
  refcount_set(&shared->incoming.count, ser->nr_items);
  shared->incoming.retrieved = true;
}

void parcel_put_shared(struct shared* shared) {
  if (!refcount_dec_and_test(&shared->incoming.count)) return;  // EXPECT: count-not-set
  if (shared->incoming.retrieved) warn();
}
