#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int reserve_id(u32 id);

// Numbers are those of one unit; two units may use the same one.
int parcel_restore_id(const struct parcel_dev_ser* device) { return reserve_id(device->id); }
