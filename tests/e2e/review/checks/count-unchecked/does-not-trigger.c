#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int take(const struct parcel_item_ser* item);

int parcel_retrieve_items(const struct parcel_ser* ser, const struct parcel_item_ser* items, u64 bytes) {
  int i;

  if (ser->count > bytes / sizeof(*items)) return -EINVAL;
  for (i = 0; i < ser->count; i++) {
    if (take(&items[i])) return -EIO;
  }
  return 0;
}

static void discard(const struct parcel_item_ser* items, u64 count) {
  u64 i;

  for (i = 0; i < count; i++) take(&items[i]);
}

void parcel_finish_restored(const struct parcel_ser* ser, const struct parcel_item_ser* items) {
  if (ser->count > 100) return;
  discard(items, ser->count);
}

// Its own numbers.
void parcel_unpreserve(const struct parcel_ser* ser, const struct parcel_item_ser* items) {
  u64 i;

  for (i = 0; i < ser->count; i++) take(&items[i]);
}

struct set {
  const struct parcel_item_ser* items;
  u64 count;
};

int parcel_deserialize_set(struct set* set, const struct parcel_ser* ser) {
  u64 i;

  if (!ser->head_phys) return 0;
  set->count = ser->count;
  if (set->count > 100) return -EINVAL;
  set->items = phys_to_virt(ser->head_phys);
  for (i = 0; i < set->count; i++) {
    int err = take(&set->items[i]);

    if (err) return err;
  }
  return 0;
}
