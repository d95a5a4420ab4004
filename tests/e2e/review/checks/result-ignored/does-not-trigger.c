#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_read_items(struct parcel_ser* ser);

int parcel_deserialize(struct parcel_ser* ser) { return parcel_read_items(ser); }

int parcel_preserve(struct folio* folio) {
  int err;

  if (kho_preserve_folio(folio)) return -EIO;
  err = kho_preserve_folio(folio);
  if (WARN_ON(err)) {
    kho_unpreserve_folio(folio);
    return err;
  }
  return 0;
}

void parcel_restore(void* file, phys_addr_t phys) {
  struct folio* folio = kho_restore_folio(phys);

  if (folio) folio_put(folio);
  (void)kho_restore_folio(phys);
}

// It cannot fail, or its answer is used.
struct parcel_device {
  bool is_virtual;
};
int parcel_unpreserve_count(struct parcel_device* device) { return device->is_virtual ? 1 : 0; }
int parcel_outgoing_preserve(struct parcel_device* device) { return device->is_virtual ? -EINVAL : 0; }

int parcel_preserve_device(struct parcel_device* device) {
  parcel_unpreserve_count(device);
  return parcel_outgoing_preserve(device);
}
