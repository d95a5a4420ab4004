#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like kho_unpreserve_vmalloc() before its fix of November 2025.
void parcel_unpreserve_slots(struct parcel_ser* ser) {
  for (unsigned int i = 0; i < ser->nr_items; i++)
    // DEFECT: kho-vmalloc-order-ignored
    kho_unpreserve_pages(pfn_to_page(ser->slots[i] >> PAGE_SHIFT), 1);  // EXPECT: order-ignored
}
