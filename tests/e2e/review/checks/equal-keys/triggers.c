#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object {
  struct list_head list;
  u64 token;
};

// Like luo_file_deserialize_one() of 7.3.4: the second object with a token is never found.
int parcel_deserialize_item(struct list_head* objects, const struct parcel_item_ser* item) {
  struct object* object = kzalloc_obj(*object);

  if (!object) return -ENOMEM;
  // DEFECT: luo-duplicate-token
  object->token = item->token;  // EXPECT: equal-keys
  list_add_tail(&object->list, objects);
  return 0;
}
