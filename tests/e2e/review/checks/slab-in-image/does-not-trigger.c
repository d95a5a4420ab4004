#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct table {
  u64 entries[8];
};

int parcel_preserve_table(struct parcel_ser* ser) {
  struct table* table = kho_alloc_preserve(sizeof(*table));

  if (IS_ERR(table)) return PTR_ERR(table);
  ser->head_phys = virt_to_phys(table);
  return 0;
}

// Of the running kernel only.
struct table* parcel_preserve_private(phys_addr_t* where) {
  struct table* table = kzalloc_obj(*table);

  *where = virt_to_phys(table);
  return table;
}
