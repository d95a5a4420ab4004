#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

bool was_preserved(u64 start, u64 size);

int parcel_restore_region(const void* tree, int node, u64 end) {
  const u64* start = fdt_getprop(tree, node, "start", 0);
  const u64* size = fdt_getprop(tree, node, "size", 0);

  if (!start || !size) return -EINVAL;
  if (get_unaligned(start) > end) return -EINVAL;
  return memblock_reserve(get_unaligned(start), get_unaligned(size));
}

// Its own choice.
int parcel_restore_own(const void* tree, int node, u64 mine) {
  const u64* size = fdt_getprop(tree, node, "size", 0);

  return size ? memblock_reserve(mine, get_unaligned(size)) : -EINVAL;
}
