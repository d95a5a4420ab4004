#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void* pin(unsigned int most);

void* parcel_preserve_all(u64 size) {
  unsigned int most;

  if (size / PAGE_SIZE > 0xffffffffUL) return ERR_PTR(-EINVAL);
  most = size / PAGE_SIZE;
  return pin(most);
}

static void* parcel_preserve_part(u64 size) {
  unsigned int most = size >> PAGE_SHIFT;

  return pin(most);
}

// The caller asks.
void* parcel_preserve_small(u64 size) {
  if (size > 0x7fffffffUL) return ERR_PTR(-EINVAL);
  return parcel_preserve_part(size);
}

void* parcel_preserve_wide(u64 size) {
  u64 pages = size / PAGE_SIZE;

  return pages < 100 ? pin(pages) : ERR_PTR(-EINVAL);
}

// Memory that is there: no machine has as many pages.
int parcel_preserve_memory(struct page* page, u64 size) {
  unsigned int pages = size >> PAGE_SHIFT;

  return kho_preserve_pages(page, pages);
}
