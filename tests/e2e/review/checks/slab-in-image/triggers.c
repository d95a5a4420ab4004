#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct table {
  u64 entries[8];
};

// Like "kho: allocate metadata directly from the buddy allocator".
int parcel_preserve_table(struct parcel_ser* ser) {
  struct table* table = kzalloc_obj(*table);

  if (!table) return -ENOMEM;
  // DEFECT: kho-metadata-from-slab
  ser->head_phys = virt_to_phys(table);  // EXPECT: slab-in-image
  return 0;
}

int parcel_preserve_tree(void) {
  struct table* table = kzalloc_obj(*table);

  return kho_add_subtree("parcel", table, sizeof(*table));  // EXPECT: slab-in-image
}
