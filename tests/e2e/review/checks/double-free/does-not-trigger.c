#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int fill(const struct parcel_ser* ser);

int parcel_retrieve(phys_addr_t data) {
  struct parcel_ser* ser;
  int err;

  ser = phys_to_virt(data);
  err = fill(ser);
  if (err) goto free;
  kho_restore_free(ser);
  return 0;
free:
  kho_restore_free(ser);
  return err;
}

void parcel_finish(phys_addr_t first, phys_addr_t second) {
  struct parcel_ser* ser = phys_to_virt(first);

  kho_restore_free(ser);
  ser = phys_to_virt(second);
  kho_restore_free(ser);
}
