#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Its size and its place are what the image says.
int parcel_restore_region(const void* tree, int node) {
  const u64* start = fdt_getprop(tree, node, "start", 0);
  const u64* size = fdt_getprop(tree, node, "size", 0);

  if (!start || !size) return -EINVAL;
  // DEFECT: memblock-region-anywhere
  return memblock_reserve(get_unaligned(start), get_unaligned(size));  // EXPECT: address-anywhere
}

// An alignment is no place.
int parcel_restore_aligned(const void* tree, int node, u64 size) {
  const u64* start = fdt_getprop(tree, node, "start", 0);

  if (!start || get_unaligned(start) & (PAGE_SIZE - 1)) return -EINVAL;
  return memblock_reserve(get_unaligned(start), size);  // EXPECT: address-anywhere
}
