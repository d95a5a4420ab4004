#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int take(const struct parcel_item_ser* item);

// As luo_flb_retrieve_one() and memfd_luo_retrieve() of 7.3.4 do it.
int parcel_retrieve_items(const struct parcel_ser* ser, const struct parcel_item_ser* items) {
  int i;

  // DEFECT: flb-count-unbounded
  for (i = 0; i < ser->count; i++) {  // EXPECT: count-unchecked
    if (take(&items[i])) return -EIO;
  }
  return 0;
}

static void discard(const struct parcel_item_ser* items, u64 count) {
  u64 i;

  // DEFECT: memfd-folio-count
  for (i = 0; i < count; i++)  // EXPECT: count-unchecked
    take(&items[i]);
}

void parcel_finish_restored(const struct parcel_ser* ser, const struct parcel_item_ser* items) {
  if (ser->count) discard(items, ser->count);
}

// As luo_file_deserialize() has it: the count is kept in a structure of the running kernel first.
struct set {
  const struct parcel_item_ser* items;
  u64 count;
};

int parcel_deserialize_set(struct set* set, const struct parcel_ser* ser) {
  u64 i;

  if (!ser->head_phys) return 0;
  set->count = ser->count;
  set->items = phys_to_virt(ser->head_phys);
  for (i = 0; i < set->count; i++) {  // EXPECT: count-unchecked
    int err = take(&set->items[i]);

    if (err) return err;
  }
  return 0;
}
