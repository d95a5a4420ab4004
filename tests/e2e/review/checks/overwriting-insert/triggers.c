#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like "PCI: liveupdate: Track incoming preserved PCI devices" (v5): two devices with one address.
int parcel_retrieve_index(void* index, struct parcel_item_ser* item) {
  // DEFECT: pci-duplicate-replaces
  return xa_store(index, item->domain, item);  // EXPECT: overwriting-insert
}
