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
