#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

long create(const char* name);

long parcel_create(const char* name) {
  char copy[32];

  if (strscpy(copy, name, sizeof(copy)) < 0) return -EINVAL;
  return create(copy);
}
