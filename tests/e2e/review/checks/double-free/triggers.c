#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int fill(const struct parcel_ser* ser);

// Like the error path of pci_flb_retrieve() under review: freed where it failed, and at the end again.
int parcel_retrieve(phys_addr_t data) {
  struct parcel_ser* ser;
  int err;

  ser = phys_to_virt(data);
  err = fill(ser);
  if (err) kho_restore_free(ser);
  kho_restore_free(ser);  // EXPECT: double-free
  return err;
}
