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
