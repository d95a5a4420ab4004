#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_preserve_directory(struct parcel_ser* ser, struct folio* first_page, u64 entries) {
  // A directory of more entries has more pages.
  ser->count = entries;
  return kho_preserve_folio(first_page);
}
