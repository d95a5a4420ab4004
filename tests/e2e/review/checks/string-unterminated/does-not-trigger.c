#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

bool parcel_retrieve_matches(const struct parcel_ser* ser, const char* name) {
  return !strncmp(ser->compatible, name, sizeof(ser->compatible));
}

bool parcel_retrieve_checked(const struct parcel_ser* ser, const char* name) {
  if (strnlen(ser->compatible, sizeof(ser->compatible)) == sizeof(ser->compatible)) return false;
  return !strcmp(ser->compatible, name);
}

void parcel_restore_show(const struct parcel_ser* ser) {
  printk("parcel of %u items: '%.*s'\n", ser->nr_items, (int)sizeof(ser->compatible), ser->compatible);
}

// It wrote the string itself.
bool parcel_preserve_same(const struct parcel_ser* ser, const char* name) {
  return !strcmp(ser->compatible, name);
}
