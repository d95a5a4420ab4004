#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like luo_flb_retrieve_one() and luo_file_deserialize_one() of 7.3.4.
bool parcel_retrieve_matches(const struct parcel_ser* ser, const char* name) {
  // DEFECT: luo-compatible-unterminated, flb-name-unterminated
  return !strcmp(ser->compatible, name);  // EXPECT: string-unterminated
}

void parcel_restore_show(const struct parcel_ser* ser) {
  printk("parcel of %u items: '%s'\n", ser->nr_items, ser->compatible);  // EXPECT: string-unterminated
}
