#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_read_items(struct parcel_ser* ser);

// Like "liveupdate: propagate file deserialization failures".
int parcel_deserialize(struct parcel_ser* ser) {
  // DEFECT: luo-file-failure-ignored
  parcel_read_items(ser);  // EXPECT: result-ignored
  return 0;
}

void parcel_preserve(struct folio* folio) {
  kho_preserve_folio(folio);  // EXPECT: result-ignored
}

void parcel_restore(void* file, phys_addr_t phys) {
  struct folio* folio = kho_restore_folio(phys);

  folio_put(folio);  // EXPECT: result-ignored
}

// Like vfio/pci v1 (07/21): a function of the series refuses, and its answer is lost.
struct parcel_device {
  bool is_virtual;
};
int parcel_outgoing_preserve(struct parcel_device* device) { return device->is_virtual ? -EINVAL : 0; }

int parcel_preserve_device(struct parcel_device* device, struct folio* folio) {
  int err = kho_preserve_folio(folio);

  if (err) return err;
  parcel_outgoing_preserve(device);  // EXPECT: result-ignored
  return 0;
}
