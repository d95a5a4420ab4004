#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int set_bit_of(void* tree, u64 key);

int parcel_preserve_block(void* tree, unsigned long pfn, unsigned int order) {
  return set_bit_of(tree, (1UL << (52 - order)) | pfn >> order);
}
