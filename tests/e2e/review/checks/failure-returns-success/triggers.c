#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like "mm/memfd_luo: fix error return in the middle of the folio loop".
int parcel_retrieve_folios(void* file, const struct parcel_item_ser* items, int count) {
  struct folio* folio;
  int err = 0, i;

  for (i = 0; i < count; i++) {
    // DEFECT: memfd-failure-is-success
    folio = kho_restore_folio(items[i].phys);  // EXPECT: failure-returns-success
    if (!folio) goto out;
    err = insert(file, folio, items[i].index);
    if (err) goto out;
  }
out:
  return err;
}
