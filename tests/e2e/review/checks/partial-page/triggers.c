#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like reserved_mem_preserve() of 7.3.4: a size that is no multiple of a page.
struct region {
  u64 start, size;
};

int parcel_preserve_region(struct region* region) {
  unsigned long pages = region->size >> PAGE_SHIFT;

  // DEFECT: memblock-partial-page
  return kho_preserve_pages(pfn_to_page(region->start >> PAGE_SHIFT), pages);  // EXPECT: partial-page
}

int parcel_preserve_bytes(struct page* page, u64 size) {
  return kho_preserve_pages(page, size / PAGE_SIZE);  // EXPECT: partial-page
}
