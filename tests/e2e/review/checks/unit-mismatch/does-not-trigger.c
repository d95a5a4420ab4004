#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct item {
  u64 pfn;
};

void parcel_put_restored(const struct item* items, int count) {
  int i;

  for (i = 0; i < count; i++) {
    struct folio* folio;

    folio = kho_restore_folio(PFN_PHYS(items[i].pfn));
    if (folio) folio_put(folio);
  }
}

void parcel_preserve_head(struct parcel_ser* ser, u64 pfn) { ser->head_phys = pfn << PAGE_SHIFT; }
