#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void parcel_unpreserve_slots(struct parcel_ser* ser) {
  for (unsigned int i = 0; i < ser->nr_items; i++)
    kho_unpreserve_pages(pfn_to_page(ser->slots[i] >> PAGE_SHIFT), 1UL << ser->order);
}

void parcel_look(const struct parcel_ser* ser);

// Another function may look.
void parcel_unpreserve_first(struct parcel_ser* ser) {
  parcel_look(ser);
  kho_unpreserve_pages(pfn_to_page(ser->slots[0] >> PAGE_SHIFT), 1);
}
