#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like "iommufd: preserve HWPTs" (v1) and the first reserve helper of the iommu series, where NULL was
// expected.
struct parcel_ser* parcel_preserve(void) {
  struct parcel_ser* ser = kho_alloc_preserve(sizeof(*ser));

  // DEFECT: iommu-reserve-error-pointer, iommufd-null-test
  if (!ser)  // EXPECT: error-pointer-test
    return NULL;
  ser->version = 1;
  return ser;
}

struct folio* parcel_restore(phys_addr_t phys) {
  struct folio* folio = kho_restore_folio(phys);

  if (IS_ERR(folio))  // EXPECT: error-pointer-test
    return NULL;
  return folio;
}
