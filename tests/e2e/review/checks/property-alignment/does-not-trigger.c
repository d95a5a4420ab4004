#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

u64 parcel_restore_address(const void* tree) {
  const u64* value;
  int length;

  value = fdt_getprop(tree, 0, "at", &length);
  if (!value || length != sizeof(*value)) return 0;
  return get_unaligned(value);
}

u32 parcel_restore_number(const void* tree) {
  const u32* value = fdt_getprop(tree, 0, "n", NULL);

  return value ? *value : 0;
}
