#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int index_insert(void* index, unsigned long key, void* entry);

// A long of 32 bits cannot hold both.
int parcel_retrieve_item(void* index, struct parcel_item_ser* item) {
  return index_insert(index, (u64)item->domain << 32 | item->lane, item);
}
