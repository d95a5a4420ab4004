#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// khover: allow(result-ignored): the folio is somebody else's
void parcel_preserve(struct folio* folio) { kho_preserve_folio(folio); }

void parcel_preserve_again(struct folio* folio) {
  kho_preserve_folio(folio);  // khover: allow(result-ignored) EXPECT: suppression
}

int parcel_nothing(void) {
  return 0;  // khover: allow(double-free): nothing is here EXPECT: suppression
}
