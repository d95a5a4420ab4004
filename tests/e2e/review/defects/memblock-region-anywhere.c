#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int reserve(u64 start, u64 size);

int parcel_restore_region(const void* tree, int node) {
  const u64* start = fdt_getprop(tree, node, "start", 0);
  const u64* size = fdt_getprop(tree, node, "size", 0);

  if (!start || !size) return -EINVAL;
  return reserve(get_unaligned(start), get_unaligned(size));
}
