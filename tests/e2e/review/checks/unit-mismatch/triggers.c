#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct item {
  u64 pfn;
};

// Like the error path of memfd_luo_retrieve_folios() before it was fixed.
void parcel_put_restored(const struct item* items, int count) {
  int i;

  for (i = 0; i < count; i++) {
    struct folio* folio;

    // DEFECT: memfd-pfn-as-address
    folio = kho_restore_folio(items[i].pfn);  // EXPECT: unit-mismatch
    if (folio) folio_put(folio);
  }
}

void parcel_preserve_head(struct parcel_ser* ser, u64 pfn) {
  ser->head_phys = pfn;  // EXPECT: unit-mismatch
}
