#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void parcel_preserve(struct folio* folio) {
  kho_preserve_folio(folio);  // khover: allow(result-ignored): a hint, the folio is found again without it
}
