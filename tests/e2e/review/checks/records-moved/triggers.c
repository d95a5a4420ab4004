#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct object {
  struct parcel_item_ser* outgoing;
};
static u64 nr_items;

void parcel_preserve_item(struct object* object, struct parcel_item_ser* items) {
  object->outgoing = &items[nr_items++];
}

// Like the sorted array of "PCI: liveupdate: Track outgoing preserved PCI devices" (v3).
void parcel_unpreserve_item(struct parcel_item_ser* items, u64 at) {
  // DEFECT: pci-records-moved
  memmove(&items[at], &items[at + 1], (--nr_items - at) * sizeof(*items));  // EXPECT: records-moved
}
