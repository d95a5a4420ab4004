#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

_Static_assert(sizeof(struct parcel_pair_ser) % sizeof(u64) == 0, "entries stay aligned");

u64 parcel_retrieve_pairs(struct parcel_pair_ser* pairs, u64 count) {
  u64 sum = 0;

  for (u64 i = 0; i < count; i++) sum += pairs[i].value;
  return sum;
}

// Not packed: the compiler sees to it.
u64 parcel_retrieve_items(struct parcel_item_ser* items, u64 count) {
  u64 sum = 0;

  for (u64 i = 0; i < count; i++) sum += items[i].token;
  return sum;
}

// What lies behind a header is no array of headers.
void* parcel_retrieve_body(struct parcel_tags_ser* ser) { return ser + 1; }
