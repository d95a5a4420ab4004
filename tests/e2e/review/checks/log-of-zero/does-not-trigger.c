#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

phys_addr_t parcel_decode(u64 key, unsigned int* order) {
  unsigned int order_bit;

  if (!key) return 0;
  order_bit = fls64(key) - 1;
  *order = 52 - order_bit;
  return key << (PAGE_SHIFT + *order);
}
