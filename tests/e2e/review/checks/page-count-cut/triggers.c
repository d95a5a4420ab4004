#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void* pin(unsigned int most);

// More than fit into an int are left out.
void* parcel_preserve_all(u64 size) {
  // DEFECT: memfd-too-many-folios
  unsigned int most = (size + PAGE_SIZE - 1) / PAGE_SIZE;  // EXPECT: page-count-cut

  return pin(most);
}
