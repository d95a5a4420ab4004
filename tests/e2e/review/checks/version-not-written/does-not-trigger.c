#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

u64 parcel_preserve_device(u32 id) {
  struct parcel_dev_ser* record = kho_alloc_preserve(sizeof(*record));

  if (IS_ERR(record)) return 0;
  record->id = id;
  record->type = 1;
  return virt_to_phys(record);
}

u64 parcel_preserve(void) {
  struct parcel_ser* ser = kho_alloc_preserve(sizeof(*ser));

  if (IS_ERR(ser)) return 0;
  strscpy(ser->compatible, PARCEL_COMPATIBLE, sizeof(ser->compatible));
  ser->version = 1;
  return virt_to_phys(ser);
}
