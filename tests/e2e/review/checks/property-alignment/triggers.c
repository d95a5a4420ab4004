#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// As kho_retrieve_subtree() of 7.3.4 reads it.
u64 parcel_restore_address(const void* tree) {
  const u64* value;
  int length;

  value = fdt_getprop(tree, 0, "at", &length);
  if (!value || length != sizeof(*value)) return 0;
  // DEFECT: kho-property-alignment
  return *value;  // EXPECT: property-alignment
}
