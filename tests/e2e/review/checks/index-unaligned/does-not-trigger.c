#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_restore_block(void* mapping, struct folio* folio, const struct parcel_item_ser* item, u64 pages) {
  if (item->index >= pages || item->index % 16) return -EINVAL;
  return shmem_add_to_page_cache(folio, mapping, item->index);
}

int parcel_restore_masked(void* mapping, struct folio* folio, const struct parcel_item_ser* item, u64 nr) {
  if (item->index & (nr - 1)) return -EINVAL;
  return shmem_add_to_page_cache(folio, mapping, item->index);
}

// Not of an image.
int parcel_preserve_block(void* mapping, struct folio* folio, unsigned long index) {
  return shmem_add_to_page_cache(folio, mapping, index);
}
