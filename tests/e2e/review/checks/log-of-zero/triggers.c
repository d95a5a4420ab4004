#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like kho_decode_radix_key() of 7.3.4: key 0 has no bit that says the order.
phys_addr_t parcel_decode(u64 key, unsigned int* order) {
  // DEFECT: kho-key-without-order-bit
  unsigned int order_bit = fls64(key) - 1;  // EXPECT: log-of-zero

  *order = 52 - order_bit;
  return key << (PAGE_SHIFT + *order);
}
