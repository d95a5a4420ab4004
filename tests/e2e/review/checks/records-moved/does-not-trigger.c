#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object {
  u64 outgoing;
};
static u64 nr_items;

// A place, not a pointer.
void parcel_preserve_item(struct object* object) { object->outgoing = nr_items++; }

void parcel_unpreserve_item(struct parcel_item_ser* items, u64 at) {
  memmove(&items[at], &items[at + 1], (--nr_items - at) * sizeof(*items));
}
