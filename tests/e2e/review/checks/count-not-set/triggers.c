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

// As the kernel had it: the count is called that, and only retrieving sets it.
struct counted {
  u64 count;
  bool retrieved;
  void* data;
};

static int retrieve_one(struct counted* counted, const struct parcel_ser* ser) {
  counted->count = ser->count;
  counted->retrieved = true;
  return 0;
}

void parcel_finish_counted(struct counted* counted, const struct parcel_ser* ser) {
  // SHAPE: flb-put-before-retrieve
  u64 count = --counted->count;  // EXPECT: count-not-set

  if (count) return;
  if (!counted->retrieved && retrieve_one(counted, ser)) return;
  kfree(counted->data);
}
