#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct parcel_ser* parcel_preserve(void) {
  struct parcel_ser* ser = kho_alloc_preserve(sizeof(*ser));

  if (IS_ERR(ser)) return NULL;
  ser->version = 1;
  return ser;
}

struct folio* parcel_restore(phys_addr_t phys) {
  struct folio* folio = kho_restore_folio(phys);

  if (!folio) return ERR_PTR(-EIO);
  return folio;
}
