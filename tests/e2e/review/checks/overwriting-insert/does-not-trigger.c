#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_retrieve_index(void* index, struct parcel_item_ser* item) {
  return xa_insert(index, item->domain, item);
}

int parcel_retrieve_counted(void* index, struct parcel_item_ser* item, unsigned long number) {
  return xa_store(index, number, item);
}
