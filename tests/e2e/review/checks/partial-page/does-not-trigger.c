#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_preserve_up(struct page* page, u64 size) {
  return kho_preserve_pages(page, (size + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

int parcel_preserve_whole(struct page* page, u64 size) {
  if (size & (PAGE_SIZE - 1)) return -EINVAL;
  return kho_preserve_pages(page, size >> PAGE_SHIFT);
}

int parcel_preserve_one(struct page* page) { return kho_preserve_pages(page, 1); }
