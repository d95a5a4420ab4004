#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int add_key(unsigned long pfn, unsigned int order);

// A block of this order may lie on two nodes.
int parcel_preserve_range(unsigned long pfn, unsigned long end) {
  while (pfn < end) {
    unsigned int order = count_trailing_zeros(pfn);

    if (add_key(pfn, order)) return -ENOMEM;
    pfn += 1UL << order;
  }
  return 0;
}
