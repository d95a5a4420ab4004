#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void take(struct parcel_block_ser* block);

int parcel_restore_blocks(u64 head) {
  unsigned int blocks = 0;

  while (head) {
    struct parcel_block_ser* block = phys_to_virt(head);

    if (++blocks > 1000) return -EINVAL;
    take(block);
    head = block->next;
  }
  return 0;
}

static bool is_cyclic(u64 head) {
  unsigned int rounds = 0;

  while (head) {
    struct parcel_block_ser* block = phys_to_virt(head);

    if (rounds++ > 1000) return true;
    head = block->next;
  }
  return false;
}

int parcel_restore_checked(u64 head) {
  if (is_cyclic(head)) return -EINVAL;
  while (head) {
    struct parcel_block_ser* block = phys_to_virt(head);

    take(block);
    head = block->next;
  }
  return 0;
}
