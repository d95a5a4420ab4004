#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int node_of(unsigned long pfn);
int restore_one(unsigned long pfn, unsigned int order);

static unsigned int parcel_preserve_order(unsigned long pfn) {
  unsigned int order = count_trailing_zeros(pfn);

  while (order && node_of(pfn) != node_of(pfn + (1UL << order) - 1)) order--;
  return order;
}
unsigned int parcel_preserve_first(unsigned long pfn) { return parcel_preserve_order(pfn); }

int parcel_restore_first(unsigned long pfn) {
  // DEFECT: kho-restore-node-clamp
  return restore_one(pfn, count_trailing_zeros(pfn));  // EXPECT: order-recomputed
}
