#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_retrieve_head(u64* size_of_it) {
  struct parcel_ser* ser;
  void* head;
  phys_addr_t phys;
  size_t size;

  if (kho_retrieve_subtree("parcel", &phys, &size)) return -ENOENT;
  if (!phys || size < sizeof(*ser)) return -EINVAL;
  ser = phys_to_virt(phys);
  *size_of_it = size;
  // Memory that the subtree leads to is not the subtree.
  if (!ser->head_phys) return -EINVAL;
  head = phys_to_virt(ser->head_phys);
  kho_restore_free(head);
  return 0;
}
