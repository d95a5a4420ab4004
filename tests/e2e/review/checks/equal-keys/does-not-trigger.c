#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object {
  struct list_head list;
  u64 token;
  u64 lane;
};
struct object* first_object(struct list_head* objects);

static bool has_object(struct list_head* objects, u64 token) { return first_object(objects)->token == token; }

int parcel_deserialize_item(struct list_head* objects, const struct parcel_item_ser* item) {
  struct object* object;

  if (has_object(objects, item->token)) return -EEXIST;
  object = kzalloc_obj(*object);
  if (!object) return -ENOMEM;
  object->token = item->token;
  list_add_tail(&object->list, objects);
  return 0;
}

// Nothing is found by its lane.
int parcel_deserialize_lane(struct list_head* objects, const struct parcel_item_ser* item) {
  struct object* object = kzalloc_obj(*object);

  if (!object) return -ENOMEM;
  object->lane = item->lane;
  list_add_tail(&object->list, objects);
  return 0;
}
