#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like luo_early_startup() of 7.3.4: debugfs keeps the address that it was given.
int parcel_retrieve_tree(void) {
  struct parcel_ser* ser;
  phys_addr_t phys;
  size_t size;

  if (kho_retrieve_subtree("parcel", &phys, &size)) return -ENOENT;
  if (!phys) return -EINVAL;
  ser = phys_to_virt(phys);
  if (size < sizeof(*ser)) return -EINVAL;
  // DEFECT: luo-tree-freed-under-debugfs
  kho_restore_free(ser);  // EXPECT: tree-freed
  return 0;
}
