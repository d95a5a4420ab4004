#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Right for pages of 4096 bytes.
#define DEPTH 4
int walk(u64 root, int depth);

int parcel_restore_map(const struct parcel_ser* ser) {
  if (!ser->head_phys) return -ENOENT;
  return walk(ser->head_phys, DEPTH);
}
