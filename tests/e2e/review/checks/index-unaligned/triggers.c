#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// A block of order 4 must begin at a multiple of 16.
int parcel_restore_block(void* mapping, struct folio* folio, const struct parcel_item_ser* item, u64 pages) {
  if (item->index >= pages) return -EINVAL;
  // DEFECT: memfd-index-alignment
  return shmem_add_to_page_cache(folio, mapping, item->index);  // EXPECT: index-unaligned
}
