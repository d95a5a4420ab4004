#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// As memfd_luo_retrieve() of 7.3.4 asks.
int parcel_retrieve(phys_addr_t data) {
  struct parcel_ser* ser = phys_to_virt(data);

  // DEFECT: memfd-null-test-of-address
  if (!ser)  // EXPECT: null-after-conversion
    return -EINVAL;
  return ser->version == 1 ? 0 : -EINVAL;
}
