#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_retrieve(phys_addr_t data) {
  struct parcel_ser* ser;

  if (!data) return -EINVAL;
  ser = phys_to_virt(data);
  return ser->version == 1 ? 0 : -EINVAL;
}

// A second source, which may be NULL.
int parcel_restore(phys_addr_t data) {
  struct parcel_ser* ser = NULL;

  if (data) ser = phys_to_virt(data);
  if (!ser) return -EINVAL;
  return 0;
}
