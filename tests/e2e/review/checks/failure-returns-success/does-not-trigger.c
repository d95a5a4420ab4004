#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_retrieve_folios(void* file, const struct parcel_item_ser* items, int count) {
  struct folio* folio;
  int err = 0, i;

  for (i = 0; i < count; i++) {
    folio = kho_restore_folio(items[i].phys);
    if (!folio) {
      err = -EIO;
      goto out;
    }
    err = insert(file, folio, items[i].index);
    if (err) goto out;
  }
out:
  return err;
}

// Tolerated, and said so.
int parcel_discard_restored(const struct parcel_item_ser* items, int count) {
  int err = 0, i;

  for (i = 0; i < count; i++) {
    struct folio* folio = kho_restore_folio(items[i].phys);

    if (!folio) continue;
    folio_put(folio);
  }
  return err;
}
